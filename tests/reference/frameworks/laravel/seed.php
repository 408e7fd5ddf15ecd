<?php

/* Makes the tables and fills them: CALWE_DATABASE=FILE php seed.php. Prints where the paginator is from. */

declare(strict_types=1);

use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Carbon;

require __DIR__ . '/application.php';
require __DIR__ . '/session_log.php';

touch(getenv('CALWE_DATABASE'));
$database = make_application()['db'];
$schema = $database->connection()->getSchemaBuilder();
$schema->create('users', function (Blueprint $table) {
    $table->id();
    $table->string('name');
    $table->string('api_token', 80)->unique();
});
$schema->create('sessions', function (Blueprint $table) {
    $table->id();
    $table->string('customer');
    $table->dateTime('started_at');
    $table->dateTime('ended_at')->nullable();
});
$schema->create('session_logs', function (Blueprint $table) {
    $table->id();
    $table->foreignId('session_id')->index();
    $table->string('text');
    $table->string('action_type');
    $table->dateTime('created_at');
});

$database->table('users')->insert(['name' => 'سارة القحطاني', 'api_token' => 'calwe-reference-token']);

function add_session(int $id, string $customer, Carbon $start, ?Carbon $end, array $rows): void
{
    Session::create(['id' => $id, 'customer' => $customer, 'started_at' => $start, 'ended_at' => $end]);
    foreach ($rows as [$minute, $action, $text]) {
        SessionLog::create([
            'session_id' => $id, 'text' => $text ?? TEXTS[$action], 'action_type' => $action,
            'created_at' => $start->copy()->addMinutes($minute),
        ]);
    }
}

$yesterday = Carbon::yesterday()->setTime(14, 30);
$database->connection()->transaction(function () use ($yesterday) {
    // The rows of the document's sample.
    add_session(4600, 'أحمد العتيبي', $yesterday, null, [
        [0, 'ENTERED', null],
        [5, 'LEFT', 'Customer temporarily left the session'],
    ]);
    add_session(4599, 'نورة الشمري', $yesterday, $yesterday->copy()->addMinutes(45), [
        [0, 'ENTERED', null],
        [20, 'TEMPORARILY_LEFT', null],
        [23, 'ENTERED', null],
        [44, 'CANCEL_REQUEST', null],
        [45, 'ENDED', null],
        [45, 'SESSION_PERIOD', 'مدة جلسة نورة الشمري: 45 دقيقة'],
    ]);
    $busy = [];
    foreach (range(0, 69) as $number) {
        $busy[] = [$number, ['ENTERED', 'TEMPORARILY_LEFT', 'ENTERED', 'LEFT'][$number % 4], null];
    }
    add_session(4601, 'فهد بن عبد الله الدوسري', $yesterday, null, $busy);
    foreach ([4602 => 'ليلى حداد', 4603 => 'يوسف منصور', 4604 => 'عبد الرحمن السبيعي'] as $id => $customer) {
        add_session($id, $customer, $yesterday, null, [[0, 'ENTERED', null]]);
    }
    add_session(4605, 'مريم الزهراني', $yesterday, null, []);
});

echo (new ReflectionClass(Illuminate\Pagination\LengthAwarePaginator::class))->getFileName(), PHP_EOL;
