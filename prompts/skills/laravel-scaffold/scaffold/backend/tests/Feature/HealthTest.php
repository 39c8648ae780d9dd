<?php

namespace Tests\Feature;

use App\Http\Controllers\HealthController;
use RuntimeException;
use Tests\TestCase;

/** The health endpoint, against the real services of the stack. */
class HealthTest extends TestCase
{
    public function test_every_dependency_answers(): void
    {
        $response = $this->getJson('/health')->assertOk()->assertJsonPath('status', 'ok');

        $this->assertSame(['ok'], array_values(array_unique($response->json('checks') ?: ['ok'])));
    }

    public function test_a_dependency_that_is_down_is_named(): void
    {
        $this->app->bind(HealthController::class, fn () => new class () extends HealthController {
            protected function dependencies(): array
            {
                return ['mail' => fn () => throw new RuntimeException('refused')];
            }
        });

        $this->getJson('/health')->assertStatus(503)->assertJsonPath('checks.mail', 'unavailable');
    }
}
