def test_without_rules_all_lands_in_the_mailbox(host, send, word, file_with):
    assert not host.file("/etc/procmailrc").exists
    send("prof", "tech", f"Subject: course {word}\n\n")
    file_with("/var/mail/tech", word)
