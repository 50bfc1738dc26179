# What bench/chain.yml declares, as an administrator would write it by hand.
set -e
export DEBIAN_FRONTEND=noninteractive
hostnamectl set-hostname student 2>/dev/null || hostname student
printf '127.0.0.1 localhost\n127.0.1.1 mail.bench.test mail student\n' > /etc/hosts
ln -sf /usr/share/zoneinfo/Europe/Paris /etc/localtime
useradd -m -s /bin/bash tech
useradd -m -s /bin/bash prof
useradd -r -u 783 -d /nonexistent -s /usr/sbin/nologin spamfilter
printf 'tech:by-hand\nprof:by-hand\n' | chpasswd
echo bench.test > /etc/mailname
for unit in clamav-freshclam.service clamav-freshclam-once.service clamav-freshclam-once.timer; do
    ln -sf /dev/null /etc/systemd/system/$unit
done
apt-get install -y -qq --no-install-recommends procmail postfix postfix-pcre dovecot-imapd dovecot-pop3d \
    clamav clamav-daemon clamav-freshclam clamsmtp spamassassin spamd spamc

# Debian's unit waits for the official signatures. Its socket may go only now: clamsmtp asks for it
# while it is installed.
echo 'Eicar-Test-Signature:0:*:58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e444152442d414e544956495255532d544553542d46494c452124482b482a' \
    > /var/lib/clamav/lab.ndb
printf 'TCPSocket 3310\nTCPAddr 127.0.0.1\n' >> /etc/clamav/clamd.conf
cat > /etc/systemd/system/clamav-daemon.service <<'END'
[Unit]
Description=Clam AntiVirus daemon
After=network.target
[Service]
ExecStart=/usr/sbin/clamd --foreground=true
ExecReload=/bin/kill -USR2 $MAINPID
[Install]
WantedBy=multi-user.target
END
systemctl stop clamav-daemon.socket
ln -sf /dev/null /etc/systemd/system/clamav-daemon.socket
rm -f /etc/systemd/system/sockets.target.wants/clamav-daemon.socket

cat > /etc/clamsmtpd.conf <<'END'
OutAddress: 127.0.0.1:2626
Listen: 127.0.0.1:2525
ClamAddress: 127.0.0.1:3310
Header: X-Virus-Scanned: ClamAV using ClamSMTP
TempDirectory: /var/spool/clamsmtp
PidFile: /run/clamsmtp/clamsmtpd.pid
Action: drop
User: clamav
END
chown clamav /var/spool/clamsmtp
mkdir -p /etc/systemd/system/clamsmtp.service.d
printf '[Unit]\nAfter=clamav-daemon.service\n[Service]\nUser=clamav\nGroup=clamav\n' \
    > /etc/systemd/system/clamsmtp.service.d/clamav.conf

cat > /etc/spamassassin/local.cf <<'END'
required_score 5.0
rewrite_header Subject *****SPAM*****
report_safe 0
dns_available no
use_bayes 0
END
echo 'OPTIONS="--local --listen=127.0.0.1:783 --max-children=2 --username=debian-spamd --nouser-config"' \
    > /etc/default/spamd
cat > /usr/local/sbin/spamfilter <<'END'
#!/bin/sh
sender=$1
shift
marked=$(mktemp) || exit 75
trap 'rm -f "$marked"' EXIT
/usr/bin/spamc -x -s 20480000 > "$marked" || exit 75
/usr/sbin/sendmail -G -oi -f "$sender" -- "$@" < "$marked"
END
chmod 755 /usr/local/sbin/spamfilter

echo '/^Received: by \S+ \(Postfix, from userid 783\)/ FILTER clientsmtp:[127.0.0.1]:2727' > /etc/postfix/filtre
postconf -e mydomain=bench.test myhostname=mail.bench.test 'myorigin=$mydomain' \
    'mydestination=$myhostname, localhost, localhost.$mydomain, $mydomain' mynetworks=127.0.0.0/8 \
    inet_protocols=ipv4 mailbox_command=/usr/bin/procmail alias_maps=hash:/etc/aliases \
    local_destination_concurrency_limit=1 'content_filter=clientsmtp:[127.0.0.1]:2525' \
    receive_override_options=no_address_mappings
inner="smtpd -o mynetworks=127.0.0.0/8 -o smtpd_authorized_xforward_hosts=127.0.0.0/8 -o message_size_limit=0"
inner="$inner -o smtpd_client_connection_count_limit=0 -o smtpd_relay_restrictions=permit_mynetworks,reject"
inner="$inner -o receive_override_options=no_unknown_recipient_checks,no_header_body_checks"
postconf -M 'pickup/unix=pickup unix n - y 60 1 pickup -o cleanup_service_name=cleanupspam' \
    'cleanupspam/unix=cleanupspam unix n - y - 0 cleanup -o header_checks=pcre:/etc/postfix/filtre' \
    'clientsmtp/unix=clientsmtp unix - - n - 16 smtp -o smtp_send_xforward_command=yes' \
    "127.0.0.1:2626/inet=127.0.0.1:2626 inet n - n - 16 $inner,no_address_mappings -o content_filter=spamassassin:" \
    'spamassassin/unix=spamassassin unix - n n - 2 pipe user=spamfilter null_sender= argv=/usr/local/sbin/spamfilter ${sender} ${recipient}' \
    "127.0.0.1:2727/inet=127.0.0.1:2727 inet n - n - 16 $inner -o content_filter="
newaliases
if dpkg --compare-versions "$(dpkg-query -Wf '${Version}' dovecot-core)" lt 1:2.4; then
    printf 'ssl = no\ndisable_plaintext_auth = no\nmail_location = mbox:~/mail:INBOX=/var/mail/%%u\nmail_privileged_group = mail\n'
else
    printf 'ssl = no\nauth_allow_cleartext = yes\nmail_driver = mbox\nmail_path = ~/mail\nmail_inbox_path = /var/mail/%%{user}\nmail_privileged_group = mail\n'
fi > /etc/dovecot/local.conf

systemctl daemon-reload
systemctl enable -q clamav-daemon clamsmtp spamd
systemctl stop clamsmtp
systemctl restart clamav-daemon spamd postfix dovecot
systemctl start clamsmtp
for port in 25 110 143 783 2525 2626 2727 3310; do
    timeout 30 bash -c "until exec 3<>/dev/tcp/127.0.0.1/$port; do :; done" 2>/dev/null
done
