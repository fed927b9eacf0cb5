# SPDX-License-Identifier: Apache-2.0
"""What may go wrong with the bytes of an image on their way: none may become another image."""

import hashlib
import uuid
from collections.abc import Iterator

import pytest

from ephyrad.clouds.connect import connect
from ephyrad.clouds.environment.gateway import OpenStackEnvironment
from ephyrad.clouds.environment.port import Content, Images
from ephyrad.clouds.port import CloudReadError
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Done, Unreachable
from ephyrad.testing.http.calls import Cut, Instead
from ephyrad.testing.http.wire import Reply, html
from tests.contract.http_stage import HttpStage
from tests.faults.expectations import OUTCOMES, expect_readable
from tests.faults.troubles import SILENT, Elsewhere, Trouble, fault_of

BYTES = bytes(range(256)) * 4000
PUT = "image PUT /v2/images/{image}/file"
GET = "image GET /v2/images/{image}/file"


class Scene:
    """A Glance with an image that waits for its bytes, and gateways to it."""

    def __init__(self, stage: HttpStage, elsewhere: Elsewhere, gateways: list[Images]) -> None:
        self.stage = stage
        self.elsewhere = elsewhere
        self.seen: list[str] = []
        self.patient, self.hasty = gateways
        key = str(uuid.uuid4())
        fields = {
            "name": "faults",
            "owner": "admin",
            "visibility": "private",
            "disk_format": "raw",
            "container_format": "bare",
            "status": "active",
            "hash": f"sha512:{hashlib.sha512(BYTES).hexdigest()}",
        }
        self.item = Item(Kind.IMAGE, key, "faults", fields)
        assert self.patient.create(self.item) == Done()
        stage.server.faults.seen = lambda call: self.seen.append(str(call))

    def images(self, trouble: Trouble) -> Images:
        return self.hasty if trouble in SILENT else self.patient

    def meet(self, call: str, trouble: Trouble) -> None:
        self.seen.clear()
        fault = fault_of(trouble, self.item.key, self.elsewhere.url)
        if trouble is Trouble.GONE:
            fault = Instead(html(404, "Not Found", f"No image found with ID {self.item.key}"))
        self.stage.server.faults.plan(lambda each: str(each) == call, fault, trouble.times)

    def give(self, images: Images) -> object:
        content = Content(len(BYTES), iter([BYTES[:1000], BYTES[1000:500_000], BYTES[500_000:]]))
        return images.upload(self.item, content, lambda _count: None)

    def found(self) -> Item:
        found = self.patient.item(self.item.key)
        assert found is not None
        return found


@pytest.fixture(scope="module")
def http_stage() -> Iterator[HttpStage]:
    stage = HttpStage(CloudName.NEW)
    yield stage
    stage.close()


@pytest.fixture(scope="module")
def gateways(http_stage: HttpStage) -> list[Images]:
    made = []
    for seconds in (60.0, 0.3):
        settings = http_stage.settings(read_timeout=seconds)
        images = OpenStackEnvironment(settings, connect(settings)).images
        assert images is not None
        images.items()
        made.append(images)
    return made


@pytest.fixture
def scene(http_stage: HttpStage, gateways: list[Images]) -> Iterator[Scene]:
    with Elsewhere() as elsewhere:
        yield Scene(http_stage, elsewhere, gateways)
    http_stage.server.faults.clear()
    http_stage.server.faults.seen = None


@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.name)
def test_an_upload(scene: Scene, trouble: Trouble) -> None:
    scene.meet(PUT, trouble)

    outcome = scene.give(scene.images(trouble))

    if trouble is Trouble.TRUNCATED:
        # Its 204 has no body that could break off.
        assert outcome == Done()
    else:
        # Bytes cannot be sent a second time: a token that expired costs the upload.
        expired = trouble is Trouble.EXPIRED
        assert type(outcome) is (Unreachable if expired else OUTCOMES[trouble])
        expect_readable(str(getattr(outcome, "message", "")))
    assert scene.seen.count(PUT) == 1
    assert not scene.elsewhere.was_visited()
    scene.stage.server.faults.clear()
    if scene.found().fields["status"] == "queued":
        assert not trouble.is_done
        assert scene.give(scene.patient) == Done()
    assert scene.found().fields["hash"] == scene.item.fields["hash"]


@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.name)
def test_a_download(scene: Scene, trouble: Trouble) -> None:
    assert scene.give(scene.patient) == Done()
    scene.meet(GET, trouble)

    if trouble in (Trouble.EXPIRED, Trouble.TRUNCATED):
        assert downloaded(scene, trouble) == BYTES
    elif trouble is Trouble.GARBAGE:
        # It is told from the image by its hash.
        assert downloaded(scene, trouble) != BYTES
    else:
        with pytest.raises(CloudReadError, match=" of the new cloud: ") as error:
            downloaded(scene, trouble)
        expect_readable(str(error.value))
    assert not scene.elsewhere.was_visited()


def downloaded(scene: Scene, trouble: Trouble) -> bytes:
    return b"".join(scene.images(trouble).content(scene.item.key).chunks)


@pytest.mark.parametrize("after", [0, 1, 500_000, len(BYTES) - 1])
@pytest.mark.parametrize("times", [1, 3])
def test_a_download_that_breaks_off_is_taken_up_again(scene: Scene, after: int, times: int) -> None:
    assert scene.give(scene.patient) == Done()
    scene.seen.clear()
    scene.stage.server.faults.plan(lambda each: str(each) == GET, Cut(after), times)

    assert b"".join(scene.patient.content(scene.item.key).chunks) == BYTES

    assert scene.seen.count(GET) >= 2


def test_a_download_that_breaks_off_again_and_again_is_given_up(scene: Scene) -> None:
    assert scene.give(scene.patient) == Done()
    scene.seen.clear()
    scene.stage.server.faults.plan(lambda each: str(each) == GET, Cut(1), None)

    with pytest.raises(CloudReadError, match=r"broken off after 4 bytes of 1024000"):
        list(scene.patient.content(scene.item.key).chunks)

    assert scene.seen.count(GET) == 4


def test_what_does_not_tell_its_length_is_not_begun(scene: Scene) -> None:
    scene.stage.server.faults.plan(lambda each: str(each) == GET, Instead(Reply(204)))

    with pytest.raises(CloudReadError, match="HTTP 204"):
        scene.patient.content(scene.item.key)
