def test_clients_reach_dovecot_through_xinetd_alone(host):
    for port in (143, 110):
        assert host.socket(f"tcp://0.0.0.0:{port}").is_listening
        assert host.socket(f"tcp://127.0.0.1:{port + 1000}").is_listening
        assert not host.socket(f"tcp://0.0.0.0:{port + 1000}").is_listening
    assert host.run("pidof xinetd").succeeded
