"""imap_session.py PORT plain|starttls|tls CERTIFICATE USER PASSWORD FOLDER

Python's imaplib against the server, whose INBOX is empty: appends the messages of FOLDER in the order of their
names, and leaves exactly these behind.
"""
import imaplib
import os
import re
import ssl
import sys

port, mode, certificate, user, password, folder = sys.argv[1:]
context = ssl.create_default_context(cafile=certificate)
messages = [open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))]


def check(condition, *what):
    if not condition:
        print("imap_session:", *what, file=sys.stderr)
        sys.exit(1)


def connect():
    if mode == "tls":
        return imaplib.IMAP4_SSL("localhost", int(port), ssl_context=context, timeout=60)
    imap = imaplib.IMAP4("localhost", int(port), timeout=60)
    if mode == "starttls":
        ok(imap.starttls(ssl_context=context))
    return imap


def ok(answer):
    check(answer[0] == "OK", answer)
    return answer[1]


def bodies(data):
    """The literals of the answer to a FETCH, by the sequence number."""
    return {int(item[0].split()[0]): item[1] for item in data if isinstance(item, tuple)}


# A wrong password is refused, and the connection lives on.
imap = connect()
check("IMAP4REV1" in imap.capabilities, imap.capabilities)
try:
    imap.login(user, "wrong")
    check(False, "a wrong password was taken")
except imaplib.IMAP4.error:
    pass
ok(imap.login(user, password))
ok(imap.noop())
listed = ok(imap.list())
check(any(b"INBOX" in line for line in listed), listed)
check(imap.select("Nowhere")[0] == "NO", "a mailbox that is not there was selected")

# Append everything, some with flags and a date.
for number, message in enumerate(messages):
    flags = r"(\Seen \Flagged)" if number % 3 == 0 else None
    date = '" 7-Feb-2022 21:52:25 -0800"' if number % 2 == 0 else None
    ok(imap.append("INBOX", flags, date, message))
status = ok(imap.status("INBOX", "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)"))[0]
check(b"MESSAGES %d" % len(messages) in status, status)
unseen = len(messages) - len(range(0, len(messages), 3))
check(b"UNSEEN %d" % unseen in status, status)

check(ok(imap.select("INBOX")) == [b"%d" % len(messages)], "the count of messages")
for name in ("FLAGS", "UIDVALIDITY", "UIDNEXT", "PERMANENTFLAGS"):
    check(imap.response(name)[1] != [None], "SELECT gave no", name)

# Sizes, UIDs, flags and dates of all.
uids = []
for line, message in zip(ok(imap.fetch("1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE)")), messages, strict=True):
    number = len(uids)
    check(b"RFC822.SIZE %d" % len(message) in line, line, len(message))
    uids.append(int(re.search(rb"UID (\d+)", line)[1]))
    check((b"\\Flagged" in line) == (number % 3 == 0), line)
    if number % 2 == 0:
        seconds = imaplib.Internaldate2tuple(line)
        check(seconds is not None and b"-2022 " in line, line)
check(uids == sorted(set(uids)), "UIDs do not ascend", uids)

# Every message comes back as it went, alone and many at once.
for number, message in enumerate(messages, 1):
    found = bodies(ok(imap.fetch(str(number), "(BODY.PEEK[])")))
    check(found.get(number) == message, "message", number, "is not what was appended")
found = bodies(ok(imap.uid("FETCH", "1:*", "(UID BODY.PEEK[])")))
for number, message in enumerate(messages, 1):
    check(found.get(number) == message, "message", number, "of many is not what was appended")

# Envelopes and structures of all, parts of some.
check(len(ok(imap.fetch("1:*", "(ENVELOPE)"))) >= len(messages), "envelopes are missing")
check(len(ok(imap.fetch("1:*", "(BODYSTRUCTURE)"))) >= len(messages), "structures are missing")
check(len(ok(imap.fetch("1:*", "(BODY)"))) >= len(messages), "structures without extensions are missing")
for number, message in list(enumerate(messages, 1))[::7]:
    text = message.split(b"\r\n\r\n", 1)[1] if b"\r\n\r\n" in message else b""
    found = bodies(ok(imap.fetch(str(number), "(BODY.PEEK[TEXT])")))
    check(found.get(number, b"") == text, "the text of", number)
    found = bodies(ok(imap.fetch(str(number), "(BODY.PEEK[]<3.20>)")))
    check(found.get(number, b"") == message[3:23], "a piece of", number)
    found = bodies(ok(imap.fetch(str(number), "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")))
    check(found.get(number, b"").lower()[:8] in (b"subject:", b"\r\n"), "the subject of", number, found)

# Without PEEK, a message becomes seen.
ok(imap.store("2", "-FLAGS", r"(\Seen)"))
ok(imap.fetch("2", "(BODY[TEXT])"))
check(b"\\Seen" in ok(imap.fetch("2", "(FLAGS)"))[-1], "BODY[] does not set the flag")
stored = ok(imap.store("2", "+FLAGS", r"(\Answered $Keyword)"))
check(b"\\Answered" in stored[0] and b"$Keyword" in stored[0], stored)
stored = ok(imap.store("2", "FLAGS.SILENT", r"(\Draft)"))
check(stored == [None], stored)
check(b"FLAGS (\\Draft" in ok(imap.fetch("2", "(FLAGS)"))[0], "FLAGS does not replace")
stored = ok(imap.uid("STORE", str(uids[1]), "-FLAGS", r"(\Draft)"))
check(b"UID %d" % uids[1] in stored[0], stored)

# Ten more go again, every second of them by EXPUNGE and the others by CLOSE.
for message in messages[:10]:
    ok(imap.append("INBOX", None, None, message))
ok(imap.noop())
total = len(messages)
check(imap.untagged_responses.get("EXISTS", [b""])[-1] == b"%d" % (total + 10), imap.untagged_responses)
ok(imap.store("%d,%d,%d,%d,%d" % tuple(range(total + 1, total + 11, 2)), "+FLAGS", r"(\Deleted)"))
expunged = ok(imap.expunge())
check(len(expunged) == 5, expunged)
check(bodies(ok(imap.fetch(str(total + 1), "(BODY.PEEK[])"))) == {total + 1: messages[1]}, "the wrong ones went")
ok(imap.store("%d:*" % (total + 1), "+FLAGS.SILENT", r"(\Deleted)"))
ok(imap.close())
check(ok(imap.select("INBOX", readonly=True)) == [b"%d" % total], "CLOSE does not expunge")
# What STORE answers here is the server's choice.
imap.store("1", "+FLAGS", r"(\Deleted)")
check(b"\\Deleted" not in ok(imap.fetch("1", "(FLAGS)"))[0], "a mailbox that is only read takes flags")
check(imap.logout()[0] == "BYE", "LOGOUT without BYE")
print("imap_session: %d messages" % total)
