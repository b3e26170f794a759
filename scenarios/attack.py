"""ATT&CK: the tactics of the enterprise matrix, and the techniques that a scenario about passwords may name.

Source: MITRE ATT&CK for Enterprise, version 17.0 (April 2025), https://attack.mitre.org/versions/v17/. A technique
that is missing here belongs to something that 1Password's records do not show; add it with its name and tactics.
"""

from typing import Final, NamedTuple


class Technique(NamedTuple):
    """A technique: its name, that of a sub-technique behind its parent's, and the ids of its tactics."""

    name: str
    tactics: tuple[str, ...]


TACTICS: Final = {
    "TA0001": "Initial Access",
    "TA0002": "Execution",
    "TA0003": "Persistence",
    "TA0004": "Privilege Escalation",
    "TA0005": "Defense Evasion",
    "TA0006": "Credential Access",
    "TA0007": "Discovery",
    "TA0008": "Lateral Movement",
    "TA0009": "Collection",
    "TA0010": "Exfiltration",
    "TA0011": "Command and Control",
    "TA0040": "Impact",
    "TA0042": "Resource Development",
    "TA0043": "Reconnaissance",
}
"""The tactics: id to name."""


def _techniques(*rows: tuple[str, str, str]) -> dict[str, Technique]:
    return {each: Technique(name, tuple(tactics.split())) for each, name, tactics in rows}


TECHNIQUES: Final = _techniques(
    ("T1005", "Data from Local System", "TA0009"),
    ("T1020", "Automated Exfiltration", "TA0010"),
    ("T1030", "Data Transfer Size Limits", "TA0010"),
    ("T1041", "Exfiltration Over C2 Channel", "TA0010"),
    ("T1048", "Exfiltration Over Alternative Protocol", "TA0010"),
    ("T1056", "Input Capture", "TA0006 TA0009"),
    ("T1056.001", "Input Capture: Keylogging", "TA0006 TA0009"),
    ("T1059", "Command and Scripting Interpreter", "TA0002"),
    ("T1074", "Data Staged", "TA0009"),
    ("T1074.001", "Data Staged: Local Data Staging", "TA0009"),
    ("T1078", "Valid Accounts", "TA0001 TA0003 TA0004 TA0005"),
    ("T1078.001", "Valid Accounts: Default Accounts", "TA0001 TA0003 TA0004 TA0005"),
    ("T1078.004", "Valid Accounts: Cloud Accounts", "TA0001 TA0003 TA0004 TA0005"),
    ("T1087", "Account Discovery", "TA0007"),
    ("T1087.004", "Account Discovery: Cloud Account", "TA0007"),
    ("T1098", "Account Manipulation", "TA0003 TA0004"),
    ("T1098.001", "Account Manipulation: Additional Cloud Credentials", "TA0003 TA0004"),
    ("T1098.003", "Account Manipulation: Additional Cloud Roles", "TA0003 TA0004"),
    ("T1098.005", "Account Manipulation: Device Registration", "TA0003 TA0004"),
    ("T1110", "Brute Force", "TA0006"),
    ("T1110.001", "Brute Force: Password Guessing", "TA0006"),
    ("T1110.003", "Brute Force: Password Spraying", "TA0006"),
    ("T1110.004", "Brute Force: Credential Stuffing", "TA0006"),
    ("T1111", "Multi-Factor Authentication Interception", "TA0006"),
    ("T1113", "Screen Capture", "TA0009"),
    ("T1115", "Clipboard Data", "TA0009"),
    ("T1119", "Automated Collection", "TA0009"),
    ("T1133", "External Remote Services", "TA0001 TA0003"),
    ("T1136", "Create Account", "TA0003"),
    ("T1136.003", "Create Account: Cloud Account", "TA0003"),
    ("T1185", "Browser Session Hijacking", "TA0009"),
    ("T1195", "Supply Chain Compromise", "TA0001"),
    ("T1195.002", "Supply Chain Compromise: Compromise Software Supply Chain", "TA0001"),
    ("T1199", "Trusted Relationship", "TA0001"),
    ("T1204", "User Execution", "TA0002"),
    ("T1204.002", "User Execution: Malicious File", "TA0002"),
    ("T1212", "Exploitation for Credential Access", "TA0006"),
    ("T1213", "Data from Information Repositories", "TA0009"),
    ("T1219", "Remote Access Tools", "TA0011"),
    ("T1485", "Data Destruction", "TA0040"),
    ("T1526", "Cloud Service Discovery", "TA0007"),
    ("T1528", "Steal Application Access Token", "TA0006"),
    ("T1530", "Data from Cloud Storage", "TA0009"),
    ("T1531", "Account Access Removal", "TA0040"),
    ("T1537", "Transfer Data to Cloud Account", "TA0010"),
    ("T1538", "Cloud Service Dashboard", "TA0007"),
    ("T1539", "Steal Web Session Cookie", "TA0006"),
    ("T1548", "Abuse Elevation Control Mechanism", "TA0004 TA0005"),
    ("T1548.005", "Abuse Elevation Control Mechanism: Temporary Elevated Cloud Access", "TA0004 TA0005"),
    ("T1550", "Use Alternate Authentication Material", "TA0005 TA0008"),
    ("T1550.001", "Use Alternate Authentication Material: Application Access Token", "TA0005 TA0008"),
    ("T1550.004", "Use Alternate Authentication Material: Web Session Cookie", "TA0005 TA0008"),
    ("T1552", "Unsecured Credentials", "TA0006"),
    ("T1552.001", "Unsecured Credentials: Credentials In Files", "TA0006"),
    ("T1552.004", "Unsecured Credentials: Private Keys", "TA0006"),
    ("T1552.007", "Unsecured Credentials: Container API", "TA0006"),
    ("T1555", "Credentials from Password Stores", "TA0006"),
    ("T1555.003", "Credentials from Password Stores: Credentials from Web Browsers", "TA0006"),
    ("T1555.005", "Credentials from Password Stores: Password Managers", "TA0006"),
    ("T1555.006", "Credentials from Password Stores: Cloud Secrets Management Stores", "TA0006"),
    ("T1556", "Modify Authentication Process", "TA0003 TA0005 TA0006"),
    ("T1556.006", "Modify Authentication Process: Multi-Factor Authentication", "TA0003 TA0005 TA0006"),
    ("T1557", "Adversary-in-the-Middle", "TA0006 TA0009"),
    ("T1562", "Impair Defenses", "TA0005"),
    ("T1565", "Data Manipulation", "TA0040"),
    ("T1565.001", "Data Manipulation: Stored Data Manipulation", "TA0040"),
    ("T1566", "Phishing", "TA0001"),
    ("T1566.004", "Phishing: Spearphishing Voice", "TA0001"),
    ("T1567", "Exfiltration Over Web Service", "TA0010"),
    ("T1567.002", "Exfiltration Over Web Service: Exfiltration to Cloud Storage", "TA0010"),
    ("T1586", "Compromise Accounts", "TA0042"),
    ("T1589", "Gather Victim Identity Information", "TA0043"),
    ("T1589.001", "Gather Victim Identity Information: Credentials", "TA0043"),
    ("T1598", "Phishing for Information", "TA0043"),
    ("T1598.004", "Phishing for Information: Spearphishing Voice", "TA0043"),
    ("T1621", "Multi-Factor Authentication Request Generation", "TA0006"),
    ("T1651", "Cloud Administration Command", "TA0002"),
    ("T1656", "Impersonation", "TA0005"),
    ("T1657", "Financial Theft", "TA0040"),
)
"""The techniques: id to name and tactics."""


def url(technique: str) -> str:
    """Return where ATT&CK describes *technique*.

    >>> url("T1555.005")
    'https://attack.mitre.org/techniques/T1555/005/'
    """
    return f"https://attack.mitre.org/techniques/{technique.replace('.', '/')}/"
