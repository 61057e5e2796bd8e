"""The errors of ddm.

DataManagementError            in catalog.errors
  JobError                     SubmitRefused(.transient) · JobVanished · ManifestRefused
  ConfigError(ValueError)      ConfigMissing · ConfigExists; exit code 2
"""

from __future__ import annotations

from catalog.errors import DataManagementError, ExitCode, Retry


class JobError(DataManagementError):
    """A job runner, or the papers of a job. ``subject`` is the job's label."""

    code = "job"


class SubmitRefused(JobError):
    """The runner did not take the job: nothing was submitted. ``transient``: it may take it later."""

    code = "submit_refused"
    advice = "look at the runner's own log; then 'ddm job resume' queues the job again"

    def __init__(self, message: str, *, subject: str = "", transient: bool = True) -> None:
        super().__init__(message, subject=subject)
        self.transient = transient


class JobVanished(JobError):
    """The runner does not know the job any more. It may still run, so its outputs are never reused."""

    code = "job_vanished"
    retry = Retry.LATER


class ManifestRefused(JobError, ValueError):
    """The report of a job does not keep the promises of its manifest. Nothing was registered."""

    code = "manifest_refused"
    advice = "'ddm explain' lists the broken promises; 'ddm job resume' runs the job again"


class ConfigError(DataManagementError, ValueError):
    """ddm.toml or a DDM_* variable cannot be taken. The message names file, section and key."""

    code = "config"
    retry = Retry.NEVER
    exit_code = ExitCode.USAGE
    advice = "docs/reference/config.md lists every setting"


class ConfigMissing(ConfigError):
    """There is no ddm.toml where it was looked for."""

    code = "config_missing"
    advice = "'ddm init' writes one; --config or DDM_CONFIG names one"


class ConfigExists(ConfigError):
    """There is a ddm.toml already. Nothing was written."""

    code = "config_exists"
    advice = "edit it, move it away, or give another directory"
