import { Component, computed, input } from "@angular/core";

@Component({
  selector: "app-health-list",
  template: `
    <ul>
      @for (check of list(); track check.name) {
        <li [class]="check.outcome === 'ok' ? 'ok' : 'unavailable'">{{ check.name }}</li>
      }
    </ul>
  `,
})
export class HealthList {
  readonly checks = input.required<Record<string, string>>();
  protected readonly list = computed(() =>
    Object.entries(this.checks()).map(([name, outcome]) => ({ name, outcome })),
  );
}
