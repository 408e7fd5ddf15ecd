<?php

/*
 * Calwe's session log: CALWE_DATABASE=FILE php -S 127.0.0.1:8000 index.php, after seed.php.
 *
 * Debian has Laravel's components, but not illuminate/foundation: what an application gets from there
 * (bootstrapping, the global middleware, the exception handler) is in application.php and handler.php,
 * written as Laravel 8 has it.
 */

declare(strict_types=1);

use Illuminate\Http\Request;
use Illuminate\Pipeline\Pipeline;
use Illuminate\Routing\Middleware\SubstituteBindings;
use Illuminate\Routing\Router;

require __DIR__ . '/application.php';
require __DIR__ . '/handler.php';
require __DIR__ . '/session_log.php';

$app = make_application();
$request = Request::capture();
$app->instance('request', $request);
$app->instance(Request::class, $request);

$router = $app['router'];
$router->aliasMiddleware('auth', Authenticate::class);
$router->middlewareGroup('api', [SubstituteBindings::class]);
$router->get('/login', fn () => '<!DOCTYPE html><title>Login</title>')->name('login');
$router->group(['prefix' => 'v1/customer', 'middleware' => ['api', 'auth:api']], function (Router $router) {
    $router->get('sessions/{id}/log', [SessionLogController::class, 'index']);
    $router->post('sessions/{id}/log', [SessionLogController::class, 'store']);
});
$router->getRoutes()->refreshNameLookups();
$app['url']->setRoutes($router->getRoutes());

try {
    $response = (new Pipeline($app))
        ->send($request)
        ->through([ValidatePostSize::class, TrimStrings::class, ConvertEmptyStringsToNull::class])
        ->then(fn (Request $request) => $router->dispatch($request));
} catch (Throwable $exception) {
    $handler = $app[Illuminate\Contracts\Debug\ExceptionHandler::class];
    $handler->report($exception);
    $response = $handler->render($request, $exception);
}
$response->send();
