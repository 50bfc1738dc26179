def test_an_absent_account_left_nothing_behind(host):
    assert not host.user("prof").exists
    assert not host.file("/home/prof").exists


def test_without_a_password_nobody_logs_in_with_one(host):
    assert host.check_output("getent shadow tech").split(":")[1] == "!"
