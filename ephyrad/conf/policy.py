# SPDX-License-Identifier: Apache-2.0
"""Who may do what: the defaults in the code, and the operator's policy file over them."""

import logging
import threading

from oslo_config import cfg
from oslo_policy import policy

from ephyrad.api.caller import Caller
from ephyrad.api.policies import ROLES, list_rules
from ephyrad.conf.errors import ConfigurationError

LOG = logging.getLogger(__name__)


class OsloPolicy:
    """Decides by oslo.policy. It reads the policy file again whenever that has changed."""

    def __init__(self, enforcer: policy.Enforcer) -> None:
        self._enforcer = enforcer
        # oslo.policy reads its files in the midst of a decision, and not safely for two at once.
        self._lock = threading.Lock()

    @classmethod
    def of(cls, conf: cfg.ConfigOpts) -> "OsloPolicy":
        """Return the defaults with what the files say that `[oslo_policy]` names.

        :raises ConfigurationError: such a file cannot be read.
        """
        enforcer = policy.Enforcer(conf)
        enforcer.register_defaults(list_rules())
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
        return cls(enforcer)

    @classmethod
    def defaults(cls) -> "OsloPolicy":
        """Return the defaults alone, whatever files this machine has."""
        enforcer = policy.Enforcer(cfg.ConfigOpts(), use_conf=False)
        enforcer.set_rules({rule.name: rule.check for rule in list_rules()})
        return cls(enforcer)

    def allows(self, rule: str, caller: Caller) -> bool:
        """Return whether they may; nobody may anything while the policy file cannot be read."""
        claims = {**caller.claims, "roles": sorted(caller.roles)}
        try:
            with self._lock:
                return bool(self._enforcer.enforce(rule, {}, claims))
        except (ValueError, OSError, cfg.Error):
            LOG.exception("policy file %s: only the socket is served", self._enforcer.policy_path)
            return False

    def takes(self, rule: str) -> str:
        with self._lock:
            check = str(self._enforcer.rules.get(rule, "!"))
        role = check.removeprefix("rule:")
        if role in ROLES:
            return f"the role {role}"
        return "what nobody has" if check == "!" else f"what the policy file says: {check}"
