import { Component, signal, type OnInit } from "@angular/core";

import { HealthList } from "./health-list";

@Component({
  selector: "app-health",
  imports: [HealthList],
  template: `
    @if (error()) {
      <p role="alert">The back end does not answer: {{ error() }}</p>
    } @else if (checks(); as found) {
      <app-health-list [checks]="found" />
    } @else {
      <p>Asking the back end …</p>
    }
  `,
})
export class Health implements OnInit {
  protected readonly checks = signal<Record<string, string> | undefined>(undefined);
  protected readonly error = signal("");

  async ngOnInit(): Promise<void> {
    try {
      // 503 carries the same answer as 200: which dependency is down.
      this.checks.set((await (await fetch("/health")).json()).checks);
    } catch (reason) {
      this.error.set(String(reason));
    }
  }
}
