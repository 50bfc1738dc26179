"""What is said where the engine refuses; the Docker SDK's own errors, and no engine behind them."""

from __future__ import annotations

import dataclasses
import io
import tarfile
from types import SimpleNamespace

import docker
import pytest

from ansible_collections.labs.mail.plugins.module_utils._docker import engine, starting
from ansible_collections.labs.mail.plugins.module_utils._docker.confinement import PROCESS_1
from ansible_collections.labs.mail.plugins.module_utils._docker.engine import Engine
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import (
    LABEL_BASE,
    LABEL_LAB,
    Machine,
)

SUBNET = "172.30.177.0/24"
MACHINE = Machine("maillab-student1", "maillab/machine:12", "12", "172.30.177.11")


class Client:
    """An engine that has some networks, and refuses what it is told to refuse."""

    def __init__(self):
        self.found_networks = []
        self.refusals = {}
        self.removed = []
        self.created = []
        self.images_taken = []
        self.archives = []
        self.networks = SimpleNamespace(
            list=lambda **_asked: self.found_networks,
            create=lambda **_definition: self.refuse("network"),
            get=lambda _name: SimpleNamespace(connect=lambda _container: self.refuse("connect")),
        )
        self.helped = []
        self.containers = SimpleNamespace(create=self.create, run=self.help, get=self.get)
        self.api = SimpleNamespace(
            create_endpoint_config=lambda **asked: asked, images=lambda **_asked: []
        )

    def info(self):
        self.refuse("info")
        return {"CgroupVersion": "2"}

    def refuse(self, what):
        if what in self.refusals:
            raise self.refusals[what]

    def create(self, image, name, **options):
        self.refuse("create")
        self.images_taken.append(image)
        self.created.append(options)
        return self.container(name, options["command"])

    def get(self, name, command=("sh", "-c", PROCESS_1), **labels):
        return self.container(name, command, **labels)

    def container(self, name, command, **labels):
        return SimpleNamespace(
            name=name,
            labels=labels,
            attrs={
                "Config": {"Cmd": command},
                "HostConfig": {"PortBindings": None},
                "Image": "sha256:base",
                "State": {"Pid": 4711},
            },
            put_archive=lambda _path, archive: self.archives.append(archive),
            start=lambda: self.refuse("start"),
            reload=lambda: None,
            kill=lambda: self.removed.append(f"killed {name}"),
            remove=lambda **_how: self.removed.append(name),
        )

    def help(self, image, command, **options):
        self.refuse("help")
        self.helped.append((image, command, options))


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def lab(client):
    sdk = SimpleNamespace(errors=docker.errors, types=docker.types, from_env=lambda: client)
    return Engine(sdk, "maillab")


def api_error(text):
    return docker.errors.APIError("500 Server Error", explanation=text)


def network(name="maillab", subnet=SUBNET, lab="maillab"):
    config = [{"Subnet": subnet}] if subnet else None
    attributes = {"IPAM": {"Config": config}, "Labels": {LABEL_LAB: lab} if lab else None}
    return SimpleNamespace(name=name, attrs=attributes, reload=lambda: None)


def test_an_engine_that_does_not_answer(client):
    client.refusals["info"] = docker.errors.DockerException("connection refused")
    sdk = SimpleNamespace(errors=docker.errors, from_env=lambda: client)
    with pytest.raises(EngineError, match=r"no container engine answers \(connection refused\)"):
        Engine(sdk, "maillab")


def test_the_labs_network_is_made_where_there_is_none(lab, client):
    # The engine matches by parts of names.
    client.found_networks = [network("maillab2", "10.0.0.0/24")]
    definition = lab.missing_network(SUBNET, internal=True)
    assert definition["name"] == "maillab"
    assert definition["internal"] is True
    assert definition["labels"] == {LABEL_LAB: "maillab"}
    assert definition["ipam"]["Config"][0]["Subnet"] == SUBNET
    assert definition["ipam"]["Config"][0]["Gateway"] == "172.30.177.1"


def test_the_labs_network_is_left_as_it_is(lab, client):
    client.found_networks = [network()]
    assert lab.missing_network(SUBNET, internal=True) is None


OTHER_NETWORKS = {
    "other addresses": network(subnet="10.0.0.0/24"),
    "somebody else's": network(lab=""),
    "the engine's own": network(subnet=None, lab=""),
}


@pytest.mark.parametrize("found", OTHER_NETWORKS.values(), ids=OTHER_NETWORKS)
def test_a_network_of_that_name_is_not_taken_over(lab, client, found):
    client.found_networks = [found]
    with pytest.raises(EngineError, match="has a network 'maillab' already.* another name"):
        lab.missing_network(SUBNET, internal=True)


def test_addresses_in_use(lab, client):
    client.refusals["network"] = api_error("Pool overlaps with other one on this address space")
    with pytest.raises(EngineError, match=r"Pool overlaps .*give the lab others \(SUBNET=…\)"):
        lab.create_network({})


REFUSED = {
    "no image": ("create", docker.errors.ImageNotFound("x"), "`make image` builds", []),
    "no container": ("create", api_error("is in use"), "cannot be created: is in use", []),
    "no start": ("start", api_error("no cgroups"), "cannot be started: no cgroups", [MACHINE.name]),
    "no mounts": (
        "help",
        docker.errors.ContainerError(None, 1, "python3", "x", b"it has stopped\n"),
        "cannot be started: it has stopped",
        [MACHINE.name],
    ),
    "no way out": ("connect", api_error("no bridge"), "cannot be made: no br", [MACHINE.name]),
}


@pytest.mark.parametrize(("what", "error", "words", "removed"), REFUSED.values(), ids=REFUSED)
def test_a_machine_that_cannot_be_made_leaves_nothing_half_made(
    lab, client, what, error, words, removed
):
    client.refusals[what] = error
    outside = Machine(MACHINE.name, MACHINE.image, "12", MACHINE.address, outside=True)
    with pytest.raises(EngineError) as caught:
        lab.start([outside], [], {})
    assert words in str(caught.value)
    assert client.removed == removed


def test_a_machine_is_confined_and_has_files_of_its_own(lab, client):
    own = {"/etc/ssh/ssh_host_ed25519_key": "own\n"}
    machine = Machine(MACHINE.name, MACHINE.image, "12", MACHINE.address, files=own)
    lab.start([machine], [], {"/root/.ssh/authorized_keys": "key\n"})
    (options,) = client.created
    assert options["cgroupns"] == "private"
    assert options["pids_limit"] == 1024
    with tarfile.open(fileobj=io.BytesIO(client.archives[0])) as archive:
        assert {"etc/ssh/ssh_host_ed25519_key", "root/.ssh/authorized_keys"} < set(
            archive.getnames()
        )


def test_ports_of_a_machine_are_published_where_that_is_asked_for(lab, client):
    machine = Machine(
        MACHINE.name, MACHINE.image, "12", MACHINE.address, published_ports={"2222": 22}
    )
    lab.start([machine, MACHINE], [], {})
    assert sorted(str(options["ports"]) for options in client.created) == ["{'22/tcp': 2222}", "{}"]


BINDINGS = {
    "none": (None, {}),
    "one": ({"22/tcp": [{"HostIp": "", "HostPort": "2222"}]}, {"2222": 22}),
    "two": (
        {"22/tcp": [{"HostPort": "2222"}, {"HostPort": "2022"}], "443/tcp": [{"HostPort": "8443"}]},
        {"2222": 22, "2022": 22, "8443": 443},
    ),
    "one that was exposed alone": ({"25/tcp": None}, {}),
}


@pytest.mark.parametrize(("bindings", "ports"), BINDINGS.values(), ids=BINDINGS)
def test_it_is_known_what_a_container_publishes_also_one_that_is_stopped(
    lab, client, bindings, ports
):
    found = client.get("gate")
    found.status, found.attrs["HostConfig"] = "exited", {"PortBindings": bindings}
    client.containers.list = lambda **_asked: [found]
    assert [each.published_ports for each in lab.containers()] == [ports]


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_container_is_not_replaced_where_other_ports_are_asked_for(lab, client, check_mode):
    machine = dataclasses.replace(MACHINE, published_ports={"2022": 22, "8443": 443})
    with pytest.raises(EngineError) as caught:
        lab.publish(machine, {"2222": 22}, check_mode)
    said = str(caught.value)
    assert "maillab-student1 publishes 2222:22, and 2022:22, 8443:443 is asked for" in said
    assert "state=recreated" in said
    assert (client.created, client.removed) == ([], [])


def test_walls_know_who_reaches_more_of_the_others(lab, client, monkeypatch):
    client.found_networks = [SimpleNamespace(id="0123456789abcdef", attrs={})]
    built = []
    monkeypatch.setattr(engine.walls, "build", lambda *given, **more: built.append((given, more)))
    gate = Machine("maillab-gate", MACHINE.image, "12", "172.30.177.5", reached_ports=("22",))
    assert lab.build_walls(SUBNET, ["25"], [gate, MACHINE]) == ""
    assert built == [
        (
            ("maillab", "br-0123456789ab", SUBNET, ["25"], {}),
            {"sources": {"172.30.177.5": ("22",)}},
        )
    ]


def test_files_are_roots_and_nobody_elses():
    files = {"/root/.ssh/authorized_keys": "key\n", "/etc/ssh/host_key": "secret\n"}
    with tarfile.open(fileobj=io.BytesIO(engine._archive(files))) as archive:
        entries = {entry.name: entry for entry in archive}
        assert archive.extractfile("root/.ssh/authorized_keys").read() == b"key\n"
    assert entries["root/.ssh"].mode == 0o700
    assert entries["etc/ssh"].mode == 0o755
    assert entries["etc/ssh/host_key"].mode == 0o600
    assert {entry.uid for entry in entries.values()} == {0}


def container_that(refusal, waited):
    def remove(**_how):
        raise refusal

    return SimpleNamespace(remove=remove, wait=lambda **how: waited.append(how["condition"]))


def test_a_machine_that_is_being_removed_is_waited_for(lab, client):
    waited = []
    refusal = api_error("removal of container 9c03 is already in progress")
    client.containers.get = lambda _name: container_that(refusal, waited)
    lab.remove(["maillab-student1"])
    assert waited == ["removed"]


def test_a_machine_that_cannot_be_removed(lab, client):
    client.containers.get = lambda _name: container_that(api_error("device busy"), [])
    with pytest.raises(docker.errors.APIError, match="device busy"):
        lab.remove(["maillab-student1"])


def test_the_images_of_states_go_with_the_lab(lab, client):
    asked, removed = [], []
    states = [
        "maillab/state:maillab-class.queues.start-0123456789abcdef",
        "maillab/state:maillab-student1.queues.start-0123456789abcdef",
    ]
    found = [
        {"Id": "sha256:2", "RepoTags": ["<none>:<none>"]},
        {"Id": "sha256:1", "RepoTags": states},
        {"Id": "sha256:3", "RepoTags": None},
    ]
    client.api.images = lambda **how: asked.append(how) or found
    client.images = SimpleNamespace(remove=lambda name, **_how: removed.append(name))
    assert [len(names) for names in lab.images().values()] == [0, 2, 0]
    lab.remove([])
    assert removed == [*states, "sha256:2", "sha256:3"]
    assert asked == [{"filters": {"label": f"{LABEL_LAB}={lab.lab}"}}] * 2


@pytest.mark.parametrize(
    ("made_of", "taken"),
    [
        ("sha256:base", "maillab/state:maillab-class.queues.start-0"),
        ("sha256:older", MACHINE.image),
        (None, MACHINE.image),
    ],
)
def test_a_machine_starts_from_the_image_of_its_class_where_it_is_of_the_same_base(
    lab, client, made_of, taken
):
    machine = dataclasses.replace(MACHINE, class_image="maillab/state:maillab-class.queues.start-0")
    known = {MACHINE.image: SimpleNamespace(id="sha256:base", labels={})}
    if made_of:
        known[machine.class_image] = SimpleNamespace(id="x", labels={LABEL_BASE: made_of})

    def get(name):
        if name not in known:
            raise docker.errors.ImageNotFound(name)
        return known[name]

    client.images = SimpleNamespace(get=get)
    lab.start([machine], [], {})
    assert client.images_taken == [taken]


def test_no_machine_is_a_router(lab, client):
    lab.start([MACHINE], [], {})
    assert client.created[0]["sysctls"]["net.ipv4.ip_forward"] == "0"
    # journald drops what it forwards to rsyslog where more than the usual 10 datagrams wait.
    assert client.created[0]["sysctls"]["net.unix.max_dgram_qlen"] == "512"


def test_the_mounts_of_a_machine_are_made_from_outside(lab, client):
    lab.start([MACHINE], [], {})
    ((image, command, options),) = client.helped
    assert image == "sha256:base"
    assert command[:3] == ["python3", "-I", "-c"]
    assert "def prepare(pid" in command[3]
    assert command[4] == "4711"
    assert options["cap_drop"] == ["ALL"]
    assert options["pid_mode"] == "host"


def test_a_machine_that_was_stopped_gets_its_mounts_again(lab, client):
    lab.start([], [MACHINE.name], {})
    assert len(client.helped) == 1


def test_one_whose_mounts_cannot_be_made_again_stops_and_stays(lab, client):
    client.refusals["help"] = docker.errors.ContainerError(None, 1, "python3", "x", b"no way\n")
    with pytest.raises(EngineError, match=f"{MACHINE.name} cannot be started: no way"):
        lab.start([], [MACHINE.name], {})
    assert client.removed == [f"killed {MACHINE.name}"]


def test_one_of_an_older_release_makes_its_own_mounts(client):
    starting.start(client.get("x", ["sh", "-c", "exec /sbin/init"]), client, docker)
    assert client.helped == []


def test_nothing_of_a_students_image_makes_mounts(client):
    container = client.get("x", **{"labs.mail.base": "sha256:pristine", LABEL_LAB: "maillab"})
    starting.start(container, client, docker)
    assert client.helped[0][0] == "sha256:pristine"
    assert client.helped[0][2]["labels"] == {LABEL_LAB: "maillab"}


def processes(command):
    rows = [["root", "4711", "1", command], ["root", "5000", "4711", "vi /run/labs.mail/mounts"]]
    return lambda: {"Titles": ["UID", "PID", "PPID", "CMD"], "Processes": rows}


FIRST = {"sh -c set -eu waiting=/run/labs.mail/mounts": True, "/sbin/init": False}


@pytest.mark.parametrize(("command", "waiting"), FIRST.items())
def test_one_whose_start_was_interrupted_is_told_by_its_process_1(lab, client, command, waiting):
    found = client.get("maillab-student1", **{LABEL_LAB: "maillab"})
    found.status, found.top = "running", processes(command)
    client.containers.list = lambda **_asked: [found]
    (container,) = lab.containers()
    assert container.running is not waiting


def test_one_that_stops_meanwhile_does_not_run(lab, client):
    found = client.get("maillab-student1", **{LABEL_LAB: "maillab"})
    found.status, found.top = "running", lambda: client.refuse("top")
    client.refusals["top"] = api_error("is not running")
    client.containers.list = lambda **_asked: [found]
    assert not lab.containers()[0].running
