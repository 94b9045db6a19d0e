"""pop3_session.py PORT plain|stls|tls CERTIFICATE USER PASSWORD FOLDER

Python's poplib against the server, whose maildrop holds the messages of FOLDER in the order of their names.
Deletes some and leaves the others.
"""
import os
import poplib
import ssl
import sys

port, mode, certificate, user, password, folder = sys.argv[1:]
context = ssl.create_default_context(cafile=certificate)
messages = [open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))]
# Its own limit of a line is below what mail has.
poplib._MAXLINE = 1 << 20


def check(condition, *what):
    if not condition:
        print("pop3_session:", *what, file=sys.stderr)
        sys.exit(1)


def connect():
    if mode == "tls":
        return poplib.POP3_SSL("localhost", int(port), context=context, timeout=60)
    pop3 = poplib.POP3("localhost", int(port), timeout=60)
    if mode == "stls":
        pop3.stls(context=context)
    return pop3


def login():
    pop3 = connect()
    pop3.user(user)
    pop3.pass_(password)
    return pop3


def refused(call, *arguments):
    try:
        call(*arguments)
    except poplib.error_proto as error:
        check(bytes(error.args[0]).startswith(b"-ERR"), error)
        return
    check(False, call.__name__, arguments, "was not refused")


def lines(message):
    """What poplib makes of a message: the lines without their ends."""
    return message.removesuffix(b"\r\n").split(b"\r\n")


pop3 = connect()
capabilities = pop3.capa()
for name in ("TOP", "UIDL", "USER"):
    check(name in capabilities, "CAPA lacks", name, capabilities)
pop3.user(user)
refused(pop3.pass_, "wrong")
pop3.user(user)
pop3.pass_(password)

count, octets = pop3.stat()
check(count == len(messages), count, "messages where", len(messages), "were expected")
answer, listing, _ = pop3.list()
sizes = [int(line.split()[1]) for line in listing]
check(len(sizes) == count and sum(sizes) == octets, "LIST and STAT differ")
answer, listing, _ = pop3.uidl()
uidls = [line.split()[1] for line in listing]
check(len(set(uidls)) == count, "unique-ids are not unique")
check(pop3.uidl(3).split()[2] == uidls[2], "UIDL of one message")
check(int(pop3.list(3).split()[2]) == sizes[2], "LIST of one message")
refused(pop3.list, count + 1)
refused(pop3.retr, count + 1)

for number, message in enumerate(messages, 1):
    answer, found, size = pop3.retr(number)
    check(found == lines(message), "message", number, "is not what was expected")
    check(sizes[number - 1] in (len(message), len(message) + 2), "the size of", number)
for number, message in list(enumerate(messages, 1))[::7]:
    header, separator, text = message.partition(b"\r\n\r\n")
    if not separator:
        continue
    for count_of_lines in (0, 1, 3):
        answer, found, size = pop3.top(number, count_of_lines)
        body = lines(text)[:count_of_lines] if text else []
        check(found == lines(header) + [b""] + body, "TOP", number, count_of_lines, found[-4:])

# What RSET takes back is not deleted; what a lost connection leaves is not either.
pop3.dele(1)
refused(pop3.retr, 1)
refused(pop3.dele, 1)
check(pop3.stat()[0] == count - 1, "STAT counts what is deleted")
pop3.rset()
check(pop3.stat() == (count, octets), "RSET does not bring back")
pop3.noop()
pop3.dele(2)
pop3.close()

# QUIT deletes.
pop3 = login()
check(pop3.stat() == (count, octets), "a lost connection deleted")
for number in range(1, count + 1, 2):
    pop3.dele(number)
pop3.quit()
pop3 = login()
check([line.split()[1] for line in pop3.uidl()[1]] == uidls[1::2], "QUIT deleted others than it should")
for number, message in enumerate(messages[1::2], 1):
    check(pop3.retr(number)[1] == lines(message), "message", number, "after deletion")
pop3.quit()
print("pop3_session: %d messages" % count)
