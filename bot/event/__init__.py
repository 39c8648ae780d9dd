"""GitHub webhooks, verified and reduced to the fields we use."""
