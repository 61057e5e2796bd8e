"""The errors of merging.

MergeError                     (a DataManagementError)
  UnplannableInputs · WrongOptions · MergeToolFailed · UnreadableInput · DifferentSchemas
  ToolMissing · NotCopyable · ArchiveBroken, MemberDiffers (UnreadableInput) · MemberMissing
"""

from __future__ import annotations

from catalog.errors import DataManagementError, ExitCode, Retry


class MergeError(DataManagementError):
    """A merge, a count or a comparison could not be done. No output is announced."""

    code = "merge"


class UnplannableInputs(MergeError, ValueError):
    """The inputs cannot be grouped: duplicate chunk, negative size, or nothing at all."""

    code = "unplannable_inputs"


class WrongOptions(MergeError, ValueError):
    """A format is given an option that it has not, or not one that it needs."""

    code = "wrong_options"
    retry = Retry.NEVER
    exit_code = ExitCode.USAGE
    advice = "docs/howto/formats.md has the options of each format"


class MergeToolFailed(MergeError):
    """The merge tool ended badly or did not say that it ended well."""

    code = "merge_tool_failed"
    retry = Retry.LATER


class UnreadableInput(MergeError, ValueError):
    """An input is not what its format says; ``subject`` is the file, the message has the offset."""

    code = "unreadable_input"


class DifferentSchemas(MergeError, ValueError):
    """Inputs that cannot go into one file: other branches, types, bins."""

    code = "different_schemas"


class NotCopyable(MergeError, NotImplementedError):
    """The data are sound, but cannot be copied as they are: they would have to be read and written anew."""

    code = "not_copyable"
    retry = Retry.NEVER


class ToolMissing(MergeError, ImportError):
    """The merge tool or its optional packages are not installed."""

    code = "tool_missing"
    retry = Retry.NEVER


class ArchiveBroken(UnreadableInput):
    """An archive is truncated, has no index, or one that does not agree with it."""

    code = "archive_broken"
    exit_code = ExitCode.STORAGE


class MemberDiffers(UnreadableInput):
    """A member of an archive has other bytes than its index says."""

    code = "member_differs"
    exit_code = ExitCode.STORAGE


class MemberMissing(MergeError, LookupError):
    """An archive, whole in itself, has no member of this name."""

    code = "member_missing"
    retry = Retry.NEVER
