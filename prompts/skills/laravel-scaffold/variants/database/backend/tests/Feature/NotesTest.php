<?php

namespace Tests\Feature;

use Illuminate\Foundation\Testing\DatabaseTransactions;
use Tests\TestCase;

class NotesTest extends TestCase
{
    use DatabaseTransactions;

    public function test_a_note_is_kept_and_listed(): void
    {
        $this->postJson('/api/notes', ['text' => ' milk '])->assertCreated()->assertJsonPath('text', 'milk');
        $this->getJson('/api/notes')->assertOk()->assertJsonPath('notes.0.text', 'milk');
    }

    public function test_a_note_without_text_is_refused(): void
    {
        foreach ([[], ['text' => '  '], ['text' => 7], ['text' => str_repeat('x', 281)]] as $body) {
            $this->postJson('/api/notes', $body)->assertStatus(400);
        }
    }
}
