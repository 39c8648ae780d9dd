"""What an application's source text tells: routes, ports, tools, scripts. Where a reader is not sure, it says so."""
