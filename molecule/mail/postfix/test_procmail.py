def test_a_message_lands_in_the_mailbox(host, send, word, file_with):
    send("prof", "tech", f"Subject: {word}\n\n")
    file_with("/var/mail/tech", word)
    mailbox = host.file("/var/mail/tech")
    assert (mailbox.user, mailbox.group, mailbox.mode) == ("tech", "mail", 0o660)


def test_the_rules_of_every_account_sort_its_mail(host, send, word, file_with):
    send("prof", "tech", f"Subject: course {word}\n\n")
    file_with("/home/tech/mail-of-the-course", word)
    assert word not in host.file("/var/mail/tech").content_string


def test_the_rules_of_one_account_come_after(host, send, word, file_with):
    rules = f":0:\\n* ^Subject:.*{word}\\nhis-own-folder\\n"
    host.check_output(f"su prof -c \"printf '{rules}' > ~/.procmailrc\"")
    send("tech", "prof", f"Subject: {word}\n\n")
    file_with("/home/prof/his-own-folder", word)
    host.check_output("rm /home/prof/.procmailrc")


def test_many_messages_at_once_all_arrive(host, send, word, file_with):
    for number in range(20):
        send("prof", "tech", f"Subject: {word}.{number}.\n\n")
    for number in range(20):
        text = file_with("/var/mail/tech", f"{word}.{number}.")
    assert text.count(f"Subject: {word}") == 20
