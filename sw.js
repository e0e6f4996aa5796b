// Keeps the pages for a visit without a network. What the network has comes first, so nobody sees an old page while there
// is a new one; what it has not comes from what was kept on the last visit.
const KEPT = 'postroom';
const FILES = [
  'index.html',
  'sandbox.html',
  'boot.js',
  'base.css',
  'stage.css',
  'page.css',
  'sandbox.css',
  'icon.svg',
  'manifest.webmanifest',
  'postroom-web.js',
  'postroom-web_bg.wasm',
  'postroom-sandbox.js',
  'postroom-sandbox_bg.wasm',
];
const HERE = new URL('./', self.location.href);
const FOLDER = new URL('./index.html', HERE);

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(FILES)));
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const file = fileOf(event.request);
  if (file) event.respondWith(freshOrKept(event.request, file));
});

// The address under which a request's file is kept; none for what is no file of the pages, such as a call of the service.
function fileOf(request) {
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== HERE.origin) return null;
  if (pathname === HERE.pathname) return FOLDER;
  const name = pathname.slice(HERE.pathname.length);
  return pathname.startsWith(HERE.pathname) && FILES.includes(name) ? new URL(name, HERE) : null;
}

async function freshOrKept(request, file) {
  const kept = await caches.open(KEPT);
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await kept.put(file, fresh.clone());
    return fresh;
  } catch (error) {
    const old = await kept.match(file);
    if (old) return old;
    throw error;
  }
}
