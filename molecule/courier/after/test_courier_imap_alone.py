def test_a_protocol_that_is_not_asked_for_is_not_served(host):
    assert host.socket("tcp://143").is_listening
    assert not host.socket("tcp://110").is_listening
