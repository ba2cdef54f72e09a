"""What `telemetry: { instrument: [python] }` loads, beside packages.zip; each module as late as possible."""
