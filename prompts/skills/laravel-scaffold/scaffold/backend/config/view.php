<?php

return [
    'paths' => [resource_path('views')],
    'compiled' => '/tmp/views',
];
