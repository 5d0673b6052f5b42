"""The report as one self-contained page: no scripts, nothing loaded from elsewhere."""

import io
from html import escape

from sklearn_calib import __version__
from sklearn_calib._optional import import_optional
from sklearn_calib._report.numbers import CONFIDENCE_LEVEL, SIGNIFICANCE
from sklearn_calib._report.text import (
    calibrators_sentence,
    interval,
    left_out_sentences,
    percent,
    pvalue,
    target_sentences,
    temperature_sentence,
    verdict,
)
from sklearn_calib.display import ReliabilityDisplay, RiskCoverageDisplay

_BAD_ROWS_SHOWN = 100
_BAD_ROWS_IN_SIGHT = 10  # more are folded, so that they do not push the figures off the screen
_LEVEL = f"{100 * CONFIDENCE_LEVEL:.0f} %"

_STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1rem; color: #1b1f24; background: #fff;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.verdict { font-size: 1.15rem; margin: 0 0 1rem; padding: .75rem 1rem; border-left: 5px solid #d55e00;
  background: #fdf3ec; }
.verdict.honest { border-color: #009e73; background: #eef8f4; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
  gap: 1rem; align-items: start; }
figure { margin: 0; }
figure svg { width: 100%; height: auto; display: block; }
figcaption, .note { color: #57606a; font-size: .9rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .95rem; }
th, td { padding: .3rem .6rem; text-align: right; white-space: nowrap;
  border-bottom: 1px solid #d0d7de; }
th:first-child, td:first-child { text-align: left; }
thead th { border-bottom: 2px solid #57606a; }
footer { margin-top: 2.5rem; color: #57606a; font-size: .85rem; }
@media print { body { max-width: none; padding: 0; font-size: 11pt; }
  figure, table, .verdict { break-inside: avoid; } h2 { break-after: avoid; }
  .scroll { overflow: visible; } }
"""


def render_html(report, curve):
    """Return the report, and the risk-coverage curve of its rows, as a page. Needs matplotlib."""
    title = escape(report.title)
    honest = " honest" if report.stated.pvalue >= SIGNIFICANCE else ""
    body = [
        f"<h1>{title}</h1>",
        f'<p class="verdict{honest}">{escape(_capitalised(verdict(report.stated)))}.</p>',
        _bad_rows(report),
        _figures(report, curve),
        _levels(report),
        _errors(report),
        _bins(report),
        _groups(report),
        _left_out(report),
        f"<footer>Made with sklearn_calib {escape(__version__)}.</footer>",
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}: calibration report</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in body if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def _capitalised(sentence):
    return sentence[:1].upper() + sentence[1:]


def _bad_rows(report):
    if not report.n_bad:
        return ""
    items = "".join(f"<li>{escape(problem)}</li>" for problem in report.problems[:_BAD_ROWS_SHOWN])
    total = report.n_bad + report.stated.n_answers
    more = len(report.problems) - _BAD_ROWS_SHOWN
    items += f"<li>and {more:,} more</li>" if more > 0 else ""
    opened = " open" if report.n_bad <= _BAD_ROWS_IN_SIGHT else ""
    return (
        f"<details{opened}><summary>{report.n_bad:,} of {total:,} rows could not be used</summary>"
        f"<ul>{items}</ul></details>"
    )


def _figures(report, curve):
    stated = ReliabilityDisplay(report.stated.table, name="As stated", kind="record")
    figures = [_figure(stated, "How sure it says it is, and how often it is then right.")]
    if report.calibrated:
        name, after = next(iter(report.calibrated.items()))
        calibrated = ReliabilityDisplay(after.table, name=f"After {name}", kind="confidence")
        figures.append(_figure(calibrated, f"The same after {name}, on held-out rows."))
    answered = RiskCoverageDisplay(curve, n_samples=report.stated.n_answers, name="As stated")
    caption = "Accuracy when only the most confident answers are given."
    figures.append(_figure(answered, caption, target_accuracy=report.target.accuracy))
    return f'<div class="figures">{"".join(figures)}<section>{_target(report)}</section></div>'


def _figure(display, caption, **plot_options):
    """Draw a display as inline SVG with a caption."""
    plt = import_optional("matplotlib.pyplot", extra="plot")
    with plt.rc_context({"svg.hashsalt": caption, "font.size": 11}):
        figure, ax = plt.subplots(figsize=(5, 5), layout="constrained")
        display.plot(ax, **plot_options)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :].replace(
        "<svg", f'<svg role="img" aria-label="{escape(caption)}"', 1
    )
    return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"


def _target(report):
    sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence in target_sentences(report))
    return f"<h2>Answer or not</h2>{sentences}"


def _levels(report):
    header = ("It says", "answers", "share", "right", f"{_LEVEL} interval")
    rows = list(zip(*report.levels.cells(), strict=True))
    return f"<h2>How often it is right when it says so</h2>{_html_table(header, rows)}"


def _errors(report):
    header = ("", "ECE", f"{_LEVEL} interval", "p-value", "Brier", "log loss", "mean confidence")
    rows = [
        (
            name,
            f"{m.ece:.3f}",
            interval(m.ece_interval),
            pvalue(m.pvalue),
            f"{m.brier:.3f}",
            f"{m.log_loss:.3f}",
            percent(m.confidence),
        )
        for name, m in [
            ("as stated", report.stated),
            *((f"after {name}", m) for name, m in report.calibrated.items()),
        ]
    ]
    notes = "".join(f"<p class='note'>{escape(note)}</p>" for note in report.notes)
    return (
        f"<h2>Calibration error, and after calibration</h2>{_html_table(header, rows)}"
        f"<p class='note'>{' '.join(calibrators_sentence(report))} The interval is for the expected "
        "calibration error (ECE) at these bins; the p-value says how often noise alone looks as bad. "
        f"{temperature_sentence(report)}</p>{notes}"
    )


def _bins(report):
    table = report.stated.table
    low, high = table.accuracy_interval(CONFIDENCE_LEVEL)
    header = ("Stated confidence", "answers", "mean", "right", "gap", f"{_LEVEL} interval")
    rows = [
        (
            f"{100 * table.lower[i]:g} - {100 * table.upper[i]:g} %",
            f"{table.count[i]:,}",
            percent(table.confidence[i]),
            percent(table.accuracy[i]),
            f"{100 * table.gap[i]:+.1f}",
            f"{100 * low[i]:.1f} - {100 * high[i]:.1f} %",
        )
        for i in range(len(table))
    ]
    return (
        f"<h2>Stated confidence against accuracy</h2>{_html_table(header, rows)}"
        "<p class='note'>The gap is confidence minus accuracy in points: positive is overconfident.</p>"
    )


def _groups(report):
    if not report.groups:
        return ""
    header = (report.by, "answers", "says", "right", "gap", "ECE", f"{_LEVEL} interval")
    rows = [
        (
            name,
            f"{m.n_answers:,}",
            percent(m.confidence),
            percent(m.accuracy),
            f"{100 * m.gap:+.1f}",
            f"{m.ece:.3f}",
            interval(m.ece_interval),
        )
        for name, m in report.groups.items()
    ]
    return f"<h2>By {escape(report.by)}</h2>{_html_table(header, rows)}"


def _left_out(report):
    sentences = left_out_sentences(report)
    if not sentences:
        return ""
    items = "".join(f"<li>{escape(item)}</li>" for item in sentences[1:])
    return f"<p class='note'>{escape(sentences[0])}</p><ul class='note'>{items}</ul>"


def _html_table(header, rows):
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
