<?php

namespace App\Jobs;

use App\Models\Note;
use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Queue\InteractsWithQueue;
use Illuminate\Support\Facades\Log;

/** Tells of a new note; a note that is gone meanwhile is no error. */
class AnnounceNote implements ShouldQueue
{
    use Dispatchable;
    use InteractsWithQueue;
    use Queueable;

    public function __construct(private readonly int $noteId)
    {
    }

    public function handle(): void
    {
        $note = Note::find($this->noteId);
        if ($note !== null) {
            Log::info('a new note of ' . mb_strlen($note->text) . " characters: {$this->noteId}");
        }
    }
}
