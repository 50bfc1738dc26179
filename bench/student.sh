# What bench/student.yml declares, as an administrator would write it by hand.
set -e
export DEBIAN_FRONTEND=noninteractive
hostnamectl set-hostname student 2>/dev/null || hostname student
printf '127.0.0.1 localhost\n127.0.1.1 mail.bench.test mail student\n' > /etc/hosts
ln -sf /usr/share/zoneinfo/Europe/Paris /etc/localtime
useradd -m -s /bin/bash tech
useradd -m -s /bin/bash prof
printf 'tech:by-hand\nprof:by-hand\n' | chpasswd
apt-get install -y -qq --no-install-recommends procmail postfix postfix-pcre dovecot-imapd dovecot-pop3d
echo bench.test > /etc/mailname
postconf -e mydomain=bench.test myhostname=mail.bench.test 'myorigin=$mydomain' \
    'mydestination=$myhostname, localhost, localhost.$mydomain, $mydomain' mynetworks=127.0.0.0/8 \
    inet_protocols=ipv4 mailbox_command=/usr/bin/procmail alias_maps=hash:/etc/aliases
newaliases
if dpkg --compare-versions "$(dpkg-query -Wf '${Version}' dovecot-core)" lt 1:2.4; then
    printf 'ssl = no\ndisable_plaintext_auth = no\nmail_location = mbox:~/mail:INBOX=/var/mail/%%u\nmail_privileged_group = mail\n'
else
    printf 'ssl = no\nauth_allow_cleartext = yes\nmail_driver = mbox\nmail_path = ~/mail\nmail_inbox_path = /var/mail/%%{user}\nmail_privileged_group = mail\n'
fi > /etc/dovecot/local.conf
systemctl restart postfix dovecot
for port in 25 110 143; do
    timeout 30 bash -c "until exec 3<>/dev/tcp/127.0.0.1/$port; do :; done" 2>/dev/null
done
