# SPDX-License-Identifier: Apache-2.0
"""Messages in the formats that are really sent, with values of our own.

CDEvents: the shape of conformance/*_finished.json of cdevents/spec, 0.4 and 0.5. Jenkins: what
Format.JSON of the Notification plugin writes of JobState and BuildState; and what RunListenerImpl
and QueueListenerImpl of the MQ Notifier plugin put together.
"""

import json
from typing import Any

Json = dict[str, Any]

_LINKS = [
    {
        "linkType": "RELATION",
        "linkKind": "TRIGGER",
        "target": {"contextId": "7ad1f0e2-53a3-4d3a-9d53-0f5f2f6f3c11"},
        "tags": {"stage": "tests"},
    },
    {"linkType": "END", "from": {"contextId": "7ad1f0e2-53a3-4d3a-9d53-0f5f2f6f3c11"}},
]
_CONTENTS: dict[str, tuple[str, Json]] = {
    "pipelinerun": (
        "pipelineRun",
        {"pipelineName": "gpu-nightly", "outcome": "success", "errors": ""},
    ),
    "taskrun": (
        "taskRun",
        {"taskName": "burn-in", "pipelineRun": {"id": "gpu-nightly/411"}, "outcome": "failure"},
    ),
    "testsuiterun": (
        "testSuiteRun",
        {
            "outcome": "fail",
            "severity": "critical",
            "reason": "3 hosts did not answer",
            "environment": {"id": "metal", "source": "/env/metal"},
            "testSuite": {"id": "suite-7", "version": "1.0", "name": "hardware"},
        },
    ),
}


def cd_event(subject: str = "pipelinerun", *, old: bool = False, **ours: Any) -> Json:
    """Return a finished.0.3.0 of CDEvents 0.5 or, when old, a finished.0.2.0 of 0.4."""
    kind, content = _CONTENTS[subject]
    event: Json = {
        "context": {
            ("version" if old else "specversion"): "0.4.1" if old else "0.5.0",
            "id": "c0ffee00-0000-4000-8000-000000000411",
            "source": "/ci/tekton",
            "type": f"dev.cdevents.{subject}.finished.{'0.2.0' if old else '0.3.0'}",
            "timestamp": "2026-11-25T22:14:05.315384Z",
        },
        "subject": {"id": "gpu-nightly/411", "source": "/ci/tekton", "content": dict(content)},
    }
    if old:
        event["subject"]["type"] = kind
        event["subject"]["content"]["url"] = "https://ci.example.com/411"
    else:
        event["context"] |= {"chainId": "5b1c6c1e-8f3c-4c43-9e1e-2f0a3c6f7d10", "links": _LINKS}
        event["subject"]["content"]["uri"] = "https://ci.example.com/411"
    if ours:
        event |= {"customData": {"ephyra": ours}, "customDataContentType": "application/json"}
    return event


def in_binary_mode(event: Json) -> tuple[dict[str, str], bytes]:
    """Return headers, as the application sees them, and the body."""
    context = event["context"]
    headers = {f"ce-{name}": context[name] for name in ("id", "source", "type")}
    headers |= {
        "ce-specversion": "1.0",
        "ce-time": context["timestamp"],
        "ce-subject": event["subject"]["id"],
        "content-type": "application/cdevents+json; charset=utf-8",
    }
    return headers, json.dumps(event).encode()


def in_structured_mode(event: Json) -> tuple[dict[str, str], bytes]:
    """Return headers and the body."""
    context = event["context"]
    body = {name: context[name] for name in ("id", "source", "type")} | {
        "specversion": "1.0",
        "time": context["timestamp"],
        "subject": event["subject"]["id"],
        "datacontenttype": "application/cdevents+json",
        "data": event,
    }
    headers = {"content-type": "application/cloudevents+json; charset=UTF-8"}
    return headers, json.dumps(body).encode()


def jenkins(phase: str = "FINALIZED", status: str = "SUCCESS", **parameters: str) -> Json:
    """Return what the plugin sends of a build of the job metal/burn-in."""
    return {
        "name": "burn-in",
        "display_name": "burn-in",
        "url": "job/metal/job/burn-in/",
        "build": {
            "full_url": "https://jenkins.example.com/job/metal/job/burn-in/18/",
            "number": 18,
            "queue_id": 3107,
            "timestamp": 1795644845315,
            "duration": 81234,
            "phase": phase,
            "status": status,
            "url": "job/metal/job/burn-in/18/",
            "scm": {
                "url": "https://git.example.com/metal.git",
                "branch": "origin/main",
                "commit": "c6d86dc654b12425e706bcf951adfe5a8627a517",
                "changes": [],
                "culprits": [],
            },
            "parameters": parameters,
            "log": "",
            "notes": "",
            "artifacts": {
                "report.xml": {
                    "archive": "https://jenkins.example.com/job/metal/job/burn-in/18/artifact/r.xml"
                }
            },
        },
    }


def mq_notifier(state: str = "COMPLETED", status: str = "SUCCESS", **parameters: str) -> Json:
    """Return what the plugin sends of a build of the job metal/burn-in."""
    body: Json = {
        "url": "https://jenkins.example.com/job/metal/job/burn-in/18/",
        "build_job_name": "metal/burn-in",
        "build_number": 18,
        "jenkins_master_fqdn": "jenkins.example.com",
        "jenkins_canonical_name": "jenkins.example.com",
        "state": state,
        "listener_type": "run",
    }
    if state == "COMPLETED":
        body |= {"build_duration": 81234, "status": status}
    return body | {
        "causes": '["UserIdCause", "Started by user Ann"]',
        "parameters": [f"{name}={value}" for name, value in parameters.items()],
    }


MQ_QUEUED = {
    "state": "QUEUED",
    "url": "https://jenkins.example.com/job/metal/job/burn-in/",
    "build_job_name": "metal/burn-in",
    "jenkins_master_fqdn": "jenkins.example.com",
    "jenkins_canonical_name": "jenkins.example.com",
    "allocated_label": "NO_LABEL",
    "listener_type": "queue",
    "parameters": ["EPHYRA_NODES=rack1-07"],
}

AS_JSON = {"content-type": "application/json;charset=UTF-8"}
