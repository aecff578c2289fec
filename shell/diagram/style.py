"""Colours and letters of the pictures: few, and distinct in grey too. Shape and weight tell what matters."""

from .svg import MONO, SANS

INK, MUTED, FAINT, LINE, PANEL = "#0f172a", "#475569", "#64748b", "#cbd5e1", "#fbfcfe"
RED, GREEN, BLUE = "#b91c1c", "#15803d", "#1d4ed8"

# family: (stripe, fill)
FAMILIES = {
    "input": ("#334155", "#f1f5f9"),
    "l2": ("#94a3b8", "#f8fafc"),
    "ip": ("#2563eb", "#eff6ff"),
    "acl": ("#16a34a", "#f0fdf4"),
    "nat": ("#7c3aed", "#f5f3ff"),
    "tunnel": ("#d97706", "#fffbeb"),
    "output": ("#334155", "#f1f5f9"),
    "drop": ("#dc2626", "#fef2f2"),
}
VERDICTS = {"sent": "#15803d", "answered": "#1d4ed8", "dropped": "#b91c1c", "consumed": "#475569"}

STYLE = f"""
text {{ font-family: {SANS}; fill: {INK}; font-size: 12px; }}
.node {{ font-family: {MONO}; font-size: 12px; font-weight: 600; }}
.flow {{ font-family: {MONO}; font-size: 14px; font-weight: 700; }}
.was {{ font-family: {MONO}; font-size: 13px; }}
.small {{ font-size: 11px; fill: {MUTED}; }}
.note {{ font-size: 11.5px; fill: #1e293b; }}
.rule {{ font-family: {MONO}; font-size: 10.5px; fill: {MUTED}; }}
.label {{ font-family: {SANS}; font-size: 11px; fill: {MUTED}; }}
.old {{ font-family: {MONO}; font-size: 11px; fill: {MUTED}; }}
.new {{ font-family: {MONO}; font-size: 11px; fill: {INK}; font-weight: 700; }}
.bad {{ fill: {RED}; font-weight: 700; }}
.pill {{ font-family: {MONO}; font-size: 12px; font-weight: 600; fill: #ffffff; }}
.badge {{ font-size: 11px; font-weight: 600; fill: #ffffff; letter-spacing: .04em; }}
.count {{ font-family: {MONO}; font-size: 11px; fill: {MUTED}; }}
.where {{ font-size: 15px; font-weight: 700; fill: {INK}; }}
"""
