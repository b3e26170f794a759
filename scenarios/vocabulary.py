"""The words of the 1Password Events API v2 (specification 1.4.1) that a scenario may use.

Source: https://developer.1password.com/docs/events-api/reference/ and, for what the item actions mean,
https://developer.1password.com/docs/events-api/item-usage-actions/.
"""

from typing import Final, Literal

ItemAction = Literal[
    "enter-item-edit-mode",
    "export",
    "fill",
    "other",
    "reveal",
    "secure-copy",
    "select-sso-provider",
    "server-create",
    "server-fetch",
    "server-update",
    "share",
]
"""What was done with an item."""

SignInCategory = Literal[
    "success",
    "credentials_failed",
    "mfa_failed",
    "sso_failed",
    "modern_version_failed",
    "firewall_failed",
    "firewall_reported_success",
]
"""How a sign-in attempt ended."""

SignInType = Literal[
    "credentials_ok",
    "mfa_ok",
    "federated",
    "password_secret_bad",
    "mfa_missing",
    "totp_disabled",
    "totp_bad",
    "totp_timeout",
    "u2f_disabled",
    "u2f_bad",
    "u2f_timeout",
    "code_disabled",
    "code_bad",
    "code_timeout",
    "duo_disabled",
    "duo_bad",
    "duo_timeout",
    "duo_native_bad",
    "service_account_sso_denied",
    "non_sso_user",
    "sso_user_mismatch",
    "platform_secret_disabled",
    "platform_secret_bad",
    "platform_secret_proxy",
    "ip_blocked",
    "continent_blocked",
    "country_blocked",
    "anonymous_blocked",
    "all_blocked",
    "modern_version_missing",
    "modern_version_old",
]
"""Why it ended so."""

DESKTOP_APPS: Final = frozenset({"1Password for Mac", "1Password for Windows", "1Password for Linux"})
"""The apps that can export an account; browser, web and phone cannot.

Source: https://support.1password.com/export/.
"""

COMMAND_LINES: Final = frozenset({"1Password CLI", "1Password SDK", "1Password Connect"})
"""The clients without a screen: they fetch, and can neither fill nor reveal."""
