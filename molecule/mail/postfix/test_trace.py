"""mail_trace_info on a machine's own log."""

import pytest


@pytest.fixture
def trace(host):
    """Follow one message by its queue id."""

    def trace(queue_id):
        [path] = host.ansible("labs.mail.mail_trace_info", f"queue_id={queue_id}")["paths"]
        return path

    return trace


def test_the_path_of_a_message_from_the_network(send, word, mail_log, trace, address):
    queue_id = send("tech", "prof", word)
    mail_log(queue_id, "removed")
    path = trace(queue_id)
    assert (path["status"], path["unlinked"], path["loops"]) == ("sent", [], [])
    [hop] = path["hops"]
    assert (hop["queue_id"], hop["program"], hop["left_queue"]) == (queue_id, "smtpd", True)
    assert address.rpartition(".")[0] in hop["client"]
    [delivery] = hop["deliveries"]
    assert (delivery["program"], delivery["orig_recipient"]) == ("local", "prof")
    assert delivery["reply"] == "delivered to command: /usr/bin/procmail"
    # Postfix rounds each of the four.
    assert sum(delivery["delays"].values()) == pytest.approx(delivery["delay"], rel=0.1, abs=0.1)
    assert " connect from " in f" {path['lines'][0].partition(']: ')[2]}"
    assert path["picture"][0].startswith("sent: <tech@in.ac-amiens.fr> to <prof")


def test_the_path_of_a_bounce(host, word, mail_log, trace):
    host.check_output(f"echo {word} | sendmail -f tech {word}@example.invalid")
    first = mail_log(f"to=<{word}@example.invalid>").split("]: ")[1].partition(":")[0]
    notice = mail_log(first, "notification").split()[-1]
    mail_log(notice, "removed")
    path = trace(notice)
    assert path["status"] == "bounced"
    assert [(hop["queue_id"], hop["linked_by"]) for hop in path["hops"]] == [
        (first, []),
        (notice, ["sender non-delivery notification"]),
    ]
    assert path["hops"][0]["program"] == "pickup"
