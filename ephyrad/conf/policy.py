# SPDX-License-Identifier: Apache-2.0
"""Who may do what: the defaults in the code, and the operator's policy file over them."""

import logging
import threading
from collections.abc import Callable

from oslo_config import cfg
from oslo_policy import policy

from ephyrad.api.caller import Caller
from ephyrad.api.policies import ROLES, list_rules
from ephyrad.conf.errors import ConfigurationError

LOG = logging.getLogger(__name__)


class OsloPolicy:
    """Decides by oslo.policy. It reads the policy file again whenever that has changed."""

    def __init__(self, enforcer: policy.Enforcer, make: Callable[[], policy.Enforcer]) -> None:
        """`make` returns another one, with the defaults alone until it is asked."""
        self._enforcer = enforcer
        self._make = make
        self._broken = False
        # oslo.policy reads its files in the midst of a decision, and not safely for two at once.
        self._lock = threading.Lock()

    @classmethod
    def of(cls, conf: cfg.ConfigOpts) -> "OsloPolicy":
        """Return the defaults with what the files say that `[oslo_policy]` names.

        :raises ConfigurationError: such a file cannot be read.
        """

        def make() -> policy.Enforcer:
            enforcer = policy.Enforcer(conf)
            enforcer.register_defaults(list_rules())
            return enforcer

        enforcer = make()
        try:
            enforcer.load_rules()
            enforcer.check_rules(raise_on_violation=True)
        except policy.InvalidDefinitionError as error:
            raise ConfigurationError(
                f"policy file {enforcer.policy_path}: {' '.join(str(error).split())}: correct it"
            ) from error
        except (ValueError, OSError, cfg.Error) as error:
            place = enforcer.policy_path or conf.oslo_policy.policy_file
            raise ConfigurationError(
                f"policy file {place} cannot be used: {' '.join(str(error).split())}; correct it"
            ) from error
        return cls(enforcer, make)

    @classmethod
    def defaults(cls) -> "OsloPolicy":
        """Return the defaults alone, whatever files this machine has."""

        def make() -> policy.Enforcer:
            enforcer = policy.Enforcer(cfg.ConfigOpts(), use_conf=False)
            enforcer.set_rules({rule.name: rule.check for rule in list_rules()})
            return enforcer

        return cls(make(), make)

    def allows(self, rule: str, caller: Caller) -> bool:
        """Return whether they may; nobody may anything while the policy file cannot be used."""
        claims = {**caller.claims, "roles": sorted(caller.roles)}
        with self._lock:
            try:
                found = bool(self._enforcer.enforce(rule, {}, claims))
            except Exception:  # rules that name each other end in a RecursionError
                if not self._broken:
                    place = self._enforcer.policy_path
                    LOG.exception("policy file %s cannot be used: only the socket is served", place)
                # It has noted that the file was read, and would go on with the former rules.
                self._enforcer, self._broken = self._make(), True
                return False
            if self._broken:
                LOG.warning("policy file %s is used again", self._enforcer.policy_path)
            self._broken = False
            return found

    def takes(self, rule: str) -> str:
        with self._lock:
            if self._broken:
                return "a policy file that can be used, see the log"
            check = str(self._enforcer.rules.get(rule, "!"))
        role = check.removeprefix("rule:")
        if role in ROLES:
            return f"the role {role}"
        return "what nobody has" if check == "!" else f"what the policy file says: {check}"
