# SPDX-License-Identifier: Apache-2.0
"""ephyra key rotate and abandon: a new key for the journal's secrets, and the loss of the old."""

import argparse

from ephyrad.cli import moments
from ephyrad.cli.command import AskDaemon
from ephyrad.cli.local import Local, alone, count, places
from ephyrad.journal import abandon
from ephyrad.journal.restore import own
from ephyrad.secrets.keys import KeyRing


class RotateKey(AskDaemon):
    """Have the running daemon encrypt all documents with a new key, and forget the old ones.

    Backups made before open only with the key file as it was.
    """

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        documents = self.daemon.rotate_key()["documents"]
        self.log.info(
            "%s encrypted with a new key. Make a backup, and a copy of the key file, now: older"
            " backups open only with the key file as it was",
            count(documents, "document"),
        )


class AbandonKey(Local):
    """Go on without the documents that no key opens: the key file is lost for good.

    The daemon must be stopped. The journal is kept aside as it was, for the day on which the key is
    found. Where there is no key file, one with a new key is made.
    """

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        found = places(parsed_args)
        with alone(found.state_dir):
            keys = KeyRing.open(found.key_file)
            own(found.key_file, found.state_dir)
            nodes, aside = abandon.abandon(found.state_dir, keys, moments.now())
        if aside is None:
            self.log.info("%s opens every document: nothing was given up", found.key_file)
            return
        self.log.info(
            "%s given up, of: %s; the former journal is %s. Those that are still needed are made"
            " anew from the old records",
            count(len(nodes), "document"),
            ", ".join(nodes),
            aside,
        )
