# SPDX-License-Identifier: Apache-2.0
"""What the example Jenkinsfiles send is what is read."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ephyrad.bus.mailbox_settings import MailboxSettings
from ephyrad.reclaim import jenkins, mq_notifier
from ephyrad.reclaim.authentic import Credentials, verify
from ephyrad.reclaim.message import decode
from ephyrad.reclaim.nomination import Nomination
from tests.unit.reclaim import samples

EXAMPLES = Path(__file__).parents[3] / "docs/examples"
FILES = sorted(EXAMPLES.glob("Jenkinsfile.*"))
INSTANCE = "0b5e5c8e-6a53-4c4f-8d0f-0c3c2b9f5d11"


def text(name: str) -> str:
    return (EXAMPLES / f"Jenkinsfile.{name}").read_text()


def test_there_is_one_for_each_way() -> None:
    assert [each.suffix for each in FILES] == [".mq-notifier", ".notification", ".signed"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.suffix))
def test_the_parameters_are_those_that_are_read(path: Path) -> None:
    named = dict.fromkeys(re.findall(r"string\(name: '(\w+)'", path.read_text()), "rack1-07")
    assert named.pop("EPHYRA_INSTANCES")
    values = named | {"EPHYRA_INSTANCES": INSTANCE}

    for sent in (samples.jenkins(**values), samples.mq_notifier(**values)):
        found = decode(samples.AS_JSON, json.dumps(sent).encode())
        assert isinstance(found, Nomination)
        assert (found.nodes, found.instances) == (("rack1-07",), (INSTANCE,))


def test_the_plugins_tell_of_what_counts() -> None:
    assert f"event: '{jenkins.LAST_PHASE.lower()}'" in text("notification")
    assert f"routing key run.{mq_notifier.DONE}" in text("mq-notifier")
    assert MailboxSettings(transport_url="").routing_keys == (f"run.{mq_notifier.DONE}",)


def test_the_plain_message_of_mq_notifier_has_the_fields_that_are_read() -> None:
    said = re.search(r"def message = \[(.*?)\n        \]", text("mq-notifier"), re.DOTALL)
    assert said is not None
    body = dict.fromkeys(re.findall(r"^ {10}(\w+):", said[1], re.MULTILINE), "x")
    assert set(body) == {"source", "id", "build", "result", "instances"}

    found = decode({}, json.dumps(body | {"instances": [INSTANCE]}).encode())

    assert found == Nomination("x", "x", instances=(INSTANCE,), label="x", result="X")


CURL = """\
#!/bin/sh
for word; do
  case $last in
    -H) printf '%s\\n' "$word" >> "$OUT/headers";;
    --data-binary) printf %s "$word" > "$OUT/body";;
  esac
  last=$word
done
"""


@pytest.mark.skipif(not shutil.which("jq") or not shutil.which("openssl"), reason="needs both")
def test_the_signed_message_is_believed(tmp_path: Path) -> None:
    script = re.search(r"sh '''(.*?)'''", text("signed"), re.DOTALL)
    assert script is not None
    curl = tmp_path / "curl"
    curl.write_text(CURL)
    curl.chmod(0o755)
    key = "0123456789abcdef"
    environment = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "OUT": str(tmp_path),
        "EPHYRA_KEY": key,
        "EPHYRA_URL": "https://ephyrad.example.com/v1/reclaim",
        "EPHYRA_NODES": "rack1-07, rack1-08",
        "EPHYRA_INSTANCES": INSTANCE,
        "JENKINS_URL": "https://jenkins.example.com/",
        "BUILD_TAG": "jenkins-metal burn-in-18",
        "JOB_NAME": "metal/burn-in",
    }

    # As Groovy reads the text.
    command = script[1].replace("\\\\", "\\")
    subprocess.run(["sh", "-c", command], env=environment, check=True)

    lines = (tmp_path / "headers").read_text().splitlines()
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}
    content = (tmp_path / "body").read_bytes()
    signed = verify(headers, content, Credentials((key.encode(),)), datetime.now(UTC))
    found = decode(headers, content)
    assert found == Nomination(
        source="https://jenkins.example.com/",
        id="jenkins-metal burn-in-18",
        nodes=("rack1-07", "rack1-08"),
        instances=(INSTANCE,),
        label="metal/burn-in",
        result="SUCCESS",
    )
    assert signed == found.id
