#!/bin/bash
# usage: dovecot.sh FOLDER POP3 POP3S IMAP IMAPS
# Debian's Dovecot 2.3 in the foreground, as an ordinary user, on these ports of 127.0.0.1. Any user's password is
# "secret"; the mail of USER is the Maildir FOLDER/mail/USER/Maildir. FOLDER/cert.pem is what a client has to trust.
set -eu
D=$1 POP3=$2 POP3S=$3 IMAP=$4 IMAPS=$5
DOVECOT=$(command -v dovecot || echo /usr/sbin/dovecot)
case $("$DOVECOT" --version) in
    2.3.*) ;;
    *) echo "this configuration is for Dovecot 2.3, not $("$DOVECOT" --version)" >&2; exit 1 ;;
esac
# Dovecot's processes do not run as root; whoever else starts this is the user they run as.
AS=()
U=$(id -un) G=$(id -gn)
if [ "$(id -u)" -eq 0 ]; then
    U=nobody G=nogroup
    AS=(setpriv --reuid "$U" --regid "$G" --clear-groups)
fi
mkdir -p "$D"/{base,state,mail}
cat >"$D/openssl.conf" <<CONF
[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = localhost
[extensions]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:localhost, IP:127.0.0.1
CONF
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -config "$D/openssl.conf" \
    -keyout "$D/key.pem" -out "$D/cert.pem" 2>/dev/null
cat >"$D/dovecot.conf" <<CONF
base_dir = $D/base
state_dir = $D/state
log_path = $D/dovecot.log
protocols = imap pop3
listen = 127.0.0.1
default_internal_user = $U
default_internal_group = $G
default_login_user = $U
first_valid_uid = 1
ssl = yes
ssl_cert = <$D/cert.pem
ssl_key = <$D/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:~/Maildir
mail_max_userip_connections = 1000
passdb {
  driver = static
  args = password={PLAIN}secret
}
userdb {
  driver = static
  args = uid=$U gid=$G home=$D/mail/%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $IMAP
  }
  inet_listener imaps {
    port = $IMAPS
    ssl = yes
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = $POP3
  }
  inet_listener pop3s {
    port = $POP3S
    ssl = yes
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
namespace inbox {
  inbox = yes
  separator = /
  prefix =
}
CONF
[ "$(id -u)" -ne 0 ] || chown -R "$U:$G" "$D"
exec "${AS[@]}" env HOME="$D" "$DOVECOT" -F -c "$D/dovecot.conf"
