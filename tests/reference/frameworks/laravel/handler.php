<?php

/*
 * Exceptions become responses as in Illuminate\Foundation\Exceptions\Handler of Laravel 8; what the
 * application adds to it is `renderEnvelope`.
 */

declare(strict_types=1);

use Illuminate\Auth\Access\AuthorizationException;
use Illuminate\Auth\AuthenticationException;
use Illuminate\Container\Container;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Database\Eloquent\ModelNotFoundException;
use Illuminate\Database\RecordsNotFoundException;
use Illuminate\Http\Exceptions\HttpResponseException;
use Illuminate\Http\JsonResponse;
use Illuminate\Http\Response;
use Illuminate\Routing\Router;
use Illuminate\Validation\ValidationException;
use Symfony\Component\HttpFoundation\Exception\SuspiciousOperationException;
use Symfony\Component\HttpKernel\Exception\AccessDeniedHttpException;
use Symfony\Component\HttpKernel\Exception\HttpException;
use Symfony\Component\HttpKernel\Exception\HttpExceptionInterface;
use Symfony\Component\HttpKernel\Exception\NotFoundHttpException;

class Handler implements ExceptionHandler
{
    public function __construct(private Container $app)
    {
    }

    public function shouldReport(Throwable $e)
    {
        return ! ($e instanceof HttpExceptionInterface || $e instanceof ModelNotFoundException
            || $e instanceof AuthenticationException || $e instanceof ValidationException);
    }

    public function report(Throwable $e)
    {
        if ($this->shouldReport($e)) {
            error_log((string) $e);
        }
    }

    public function renderForConsole($output, Throwable $e)
    {
    }

    public function render($request, Throwable $e)
    {
        if ($request->expectsJson() && $response = $this->renderEnvelope($e)) {
            return $response;
        }
        $e = $this->prepareException($e);
        if ($e instanceof HttpResponseException) {
            $response = $e->getResponse();
        } elseif ($e instanceof AuthenticationException) {
            $response = $request->expectsJson()
                ? new JsonResponse(['message' => $e->getMessage()], 401)
                : $this->app['redirect']->guest($e->redirectTo() ?? $this->app['url']->route('login'));
        } elseif ($e instanceof ValidationException) {
            $response = $e->response ?? $this->app['redirect']->to($e->redirectTo ?? $this->app['url']->previous())
                ->withInput($request->except(['current_password', 'password', 'password_confirmation']))
                ->withErrors($e->errors(), $e->errorBag);
        } else {
            $response = $request->expectsJson() ? $this->makeJson($e) : $this->makePage($e);
        }
        return Router::toResponse($request, $response);
    }

    /** The vendor's envelope, for the errors that its document has. */
    private function renderEnvelope(Throwable $e): ?JsonResponse
    {
        if ($e instanceof ValidationException) {
            return envelope(false, 'بيانات غير صالحة', $e->errors(), 422);
        }
        if ($e instanceof ModelNotFoundException && $e->getModel() === Session::class) {
            return envelope(false, 'لم يتم العثور على الجلسة', null, 404);
        }
        return null;
    }

    private function prepareException(Throwable $e): Throwable
    {
        return match (true) {
            $e instanceof ModelNotFoundException => new NotFoundHttpException($e->getMessage(), $e),
            $e instanceof AuthorizationException => new AccessDeniedHttpException($e->getMessage(), $e),
            $e instanceof SuspiciousOperationException => new NotFoundHttpException('Bad hostname provided.', $e),
            $e instanceof RecordsNotFoundException => new NotFoundHttpException('Not found.', $e),
            default => $e,
        };
    }

    private function makeJson(Throwable $e): JsonResponse
    {
        $isHttp = $e instanceof HttpExceptionInterface;
        return new JsonResponse(
            ['message' => $isHttp ? $e->getMessage() : 'Server Error'],
            $isHttp ? $e->getStatusCode() : 500,
            $isHttp ? $e->getHeaders() : [],
            JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES,
        );
    }

    private function makePage(Throwable $e): Response
    {
        $e = $e instanceof HttpExceptionInterface ? $e : new HttpException(500, $e->getMessage(), $e);
        $text = Response::$statusTexts[$e->getStatusCode()];
        return new Response("<!DOCTYPE html><html lang=\"ar\"><title>$text</title><body>$text</body></html>", $e->getStatusCode(), $e->getHeaders());
    }
}
