<?php

/* The container, with what Laravel's service providers and its global middleware would put there. */

declare(strict_types=1);

use Illuminate\Auth\AuthManager;
use Illuminate\Auth\Middleware\Authenticate as AuthenticateMiddleware;
use Illuminate\Config\Repository;
use Illuminate\Container\Container;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Contracts\Routing\ResponseFactory as ResponseFactoryContract;
use Illuminate\Contracts\Validation\Factory as ValidationFactory;
use Illuminate\Database\Capsule\Manager as Capsule;
use Illuminate\Events\Dispatcher;
use Illuminate\Filesystem\Filesystem;
use Illuminate\Hashing\HashManager;
use Illuminate\Http\Exceptions\PostTooLargeException;
use Illuminate\Http\Request;
use Illuminate\Pagination\PaginationState;
use Illuminate\Routing\Redirector;
use Illuminate\Routing\Router;
use Illuminate\Routing\UrlGenerator;
use Illuminate\Session\ArraySessionHandler;
use Illuminate\Session\Store;
use Illuminate\Support\Facades\Facade;
use Illuminate\Translation\FileLoader;
use Illuminate\Translation\Translator;
use Illuminate\Validation\Factory;
use Symfony\Component\HttpFoundation\ParameterBag;

foreach (['Auth', 'Config', 'Database', 'Events', 'Filesystem', 'Hashing', 'Http', 'Pagination', 'Pipeline', 'Routing', 'Session', 'Translation', 'Validation'] as $component) {
    require_once "Illuminate/$component/autoload.php";
}

ini_set('display_errors', '0');  // APP_DEBUG=false
date_default_timezone_set('UTC');

function make_application(): Container
{
    $app = new Container;
    Container::setInstance($app);
    Facade::setFacadeApplication($app);
    $app->instance(Container::class, $app);
    $app->alias(Container::class, Illuminate\Contracts\Container\Container::class);

    $app->singleton('events', fn ($app) => new Dispatcher($app));
    $app->singleton('router', fn ($app) => new Router($app['events'], $app));
    $app->alias('router', Router::class);
    $app->alias('router', Illuminate\Contracts\Routing\Registrar::class);
    $app->singleton('session.store', fn () => new Store('laravel_session', new ArraySessionHandler(120)));
    $app->singleton('url', function ($app) {
        $url = new UrlGenerator($app['router']->getRoutes(), $app['request']);
        return $url->setSessionResolver(fn () => $app['session.store']);
    });
    $app->singleton('redirect', function ($app) {
        $redirector = new Redirector($app['url']);
        $redirector->setSession($app['session.store']);
        return $redirector;
    });
    $app->singleton('translator', fn () => new Translator(new FileLoader(new Filesystem, __DIR__ . '/lang'), 'ar'));
    $app->singleton('validator', fn ($app) => new Factory($app['translator'], $app));
    $app->alias('validator', Factory::class);
    $app->alias('validator', ValidationFactory::class);
    $app->singleton(ExceptionHandler::class, Handler::class);

    $app->instance('config', new Repository(['auth' => [
        'defaults' => ['guard' => 'api'],
        'guards' => ['api' => ['driver' => 'token', 'provider' => 'users', 'hash' => false]],
        'providers' => ['users' => ['driver' => 'database', 'table' => 'users']],
    ], 'hashing' => ['driver' => 'bcrypt']]));
    $app->singleton('hash', fn ($app) => new HashManager($app));
    $app->singleton('auth', fn ($app) => new AuthManager($app));
    $app->alias('auth', Illuminate\Contracts\Auth\Factory::class);

    $capsule = new Capsule($app);
    $capsule->addConnection(['driver' => 'sqlite', 'database' => getenv('CALWE_DATABASE')]);
    $app->instance('db', $capsule->getDatabaseManager());
    $capsule->bootEloquent();
    PaginationState::resolveUsing($app);

    return $app;
}

if (! function_exists('__')) {
    /** As in illuminate/foundation; the paginator asks for it when it labels its links. */
    function __(string $key, array $replace = [], ?string $locale = null)
    {
        return Container::getInstance()['translator']->get($key, $replace, $locale);
    }
}

class Authenticate extends AuthenticateMiddleware
{
    protected function redirectTo($request)
    {
        return $request->expectsJson() ? null : Container::getInstance()['url']->route('login');
    }
}

/** A middleware that changes every string of the input, as illuminate/foundation has it. */
abstract class TransformsRequest
{
    public function handle(Request $request, Closure $next)
    {
        $this->clean($request->query);
        if ($request->isJson()) {
            $this->clean($request->json());
        } elseif ($request->request !== $request->query) {
            $this->clean($request->request);
        }
        return $next($request);
    }

    private function clean(ParameterBag $bag): void
    {
        $bag->replace($this->cleanArray($bag->all()));
    }

    private function cleanArray(array $data): array
    {
        return array_map(fn ($value) => is_array($value) ? $this->cleanArray($value) : $this->transform($value), $data);
    }

    abstract protected function transform($value);
}

class TrimStrings extends TransformsRequest
{
    protected function transform($value)
    {
        return is_string($value) ? trim($value) : $value;
    }
}

class ConvertEmptyStringsToNull extends TransformsRequest
{
    protected function transform($value)
    {
        return $value === '' ? null : $value;
    }
}

class ValidatePostSize
{
    public function handle(Request $request, Closure $next)
    {
        $max = ini_parse_quantity((string) ini_get('post_max_size'));
        if ($max > 0 && $request->server('CONTENT_LENGTH') > $max) {
            throw new PostTooLargeException;
        }
        return $next($request);
    }
}
