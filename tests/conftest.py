# SPDX-License-Identifier: EUPL-1.2


def pytest_terminal_summary(terminalreporter):
    """Shows what tests have recorded for people, whichever process they ran in."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                for title, text in report.user_properties:
                    terminalreporter.section(title)
                    terminalreporter.write_line(text)
