"""What others may measure of calls: figures for Prometheus and, as an extra, traces for OpenTelemetry.

Never a word or a number of a caller.
"""
