<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

class Note extends Model
{
    public const UPDATED_AT = null;

    protected $fillable = ['text'];

    /** @return array{id: int, text: string, createdAt: string} */
    public function toArray(): array
    {
        return ['id' => $this->id, 'text' => $this->text, 'createdAt' => $this->created_at->toIso8601String()];
    }
}
