<?php

/* The session log, as the vendor's document describes it. */

declare(strict_types=1);

use Illuminate\Contracts\Validation\Factory as Validator;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;
use Illuminate\Routing\Controller;
use Illuminate\Support\Carbon;
use Illuminate\Validation\Rule;

const TEXTS = [
    'ENTERED' => 'Customer entered the session',
    'LEFT' => 'Customer left the session',
    'ENDED' => 'Session was ended',
    'CANCELLED' => 'Session was cancelled',
    'TEMPORARILY_LEFT' => 'Customer temporarily left the session',
    'CANCEL_REQUEST' => 'Request to cancel the session',
    'SESSION_PERIOD' => 'Session period record',
];

function envelope(bool $success, string $message, $data, int $status): JsonResponse
{
    return new JsonResponse(['success' => $success, 'message' => $message, 'data' => $data, 'statusCode' => $status], $status);
}

class Session extends Model
{
    public $timestamps = false;
    protected $guarded = [];
    protected $casts = ['ended_at' => 'datetime', 'started_at' => 'datetime'];

    public function logs()
    {
        return $this->hasMany(SessionLog::class);
    }

    public function record(string $action): SessionLog
    {
        $log = $this->logs()->create(['text' => TEXTS[$action], 'action_type' => $action, 'created_at' => Carbon::now()]);
        if (in_array($action, ['ENDED', 'CANCELLED'], true)) {
            $this->update(['ended_at' => $log->created_at]);
            $minutes = $this->started_at->diffInMinutes($this->ended_at);
            $this->logs()->create(['text' => "مدة جلسة {$this->customer}: $minutes دقيقة", 'action_type' => 'SESSION_PERIOD', 'created_at' => $log->created_at]);
        }
        return $log;
    }
}

class SessionLog extends Model
{
    public $timestamps = false;
    protected $guarded = [];
    protected $casts = ['created_at' => 'datetime'];

    public function toArray()
    {
        return ['text' => $this->text, 'date' => $this->created_at->format('g:i A'), 'action_type' => $this->action_type];
    }
}

class SessionLogController extends Controller
{
    public function __construct(private Validator $validator)
    {
    }

    public function index(Request $request, string $id)
    {
        $session = Session::findOrFail($id);
        $this->validate($request, ['per_page' => ['nullable', 'integer', 'min:1', 'max:1000']]);
        $perPage = (int) ($request->query('per_page') ?? 30);
        $logs = $session->logs()->orderBy('created_at')->orderBy('id')->paginate($perPage);
        return envelope(true, 'تم جلب البيانات بنجاح', $logs, 200);
    }

    public function store(Request $request, string $id)
    {
        $session = Session::findOrFail($id);
        if ($session->ended_at !== null) {
            return envelope(false, 'لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة', null, 422);
        }
        $valid = $this->validate($request, ['action_type' => ['required', 'string', Rule::in(array_keys(TEXTS))]]);
        return envelope(true, 'تم حفظ البيانات بنجاح', $session->record($valid['action_type']), 200);
    }

    private function validate(Request $request, array $rules): array
    {
        return $this->validator->make($request->all(), $rules)->validate();
    }
}
