// The health of the application: whether what it depends on answers, asked anew each time.
import { Controller, Get, Inject, Logger, Res } from "@nestjs/common";
import type { Response } from "express";

import { DEPENDENCIES, type Dependency } from "./dependencies.js";

const PATIENCE_MS = 1500;

@Controller("health")
export class HealthController {
  private readonly logger = new Logger("Health");

  constructor(@Inject(DEPENDENCIES) private readonly dependencies: Record<string, Dependency>) {}

  @Get()
  async report(@Res() response: Response): Promise<void> {
    const answers = await Promise.all(
      Object.entries(this.dependencies).map(async ([name, dependency]) => [name, await this.outcome(name, dependency)]),
    );
    const checks = Object.fromEntries(answers) as Record<string, string>;
    const well = Object.values(checks).every((answer) => answer === "ok");
    // 503 when one does not answer, so that traffic goes elsewhere.
    response.status(well ? 200 : 503).json({ status: well ? "ok" : "unavailable", checks });
  }

  private async outcome(name: string, dependency: Dependency): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${PATIENCE_MS} ms`)), PATIENCE_MS);
    });
    try {
      await Promise.race([dependency.ping(), late]);
      return "ok";
    } catch (error) {
      this.logger.warn(`${name} does not answer: ${(error as Error).message}`);
      return "unavailable";
    } finally {
      clearTimeout(timer);
    }
  }
}
