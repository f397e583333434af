// Answers as servers_test.go says.
'use strict';
const http = require('http');

function whole(req, then) {
  const parts = [];
  req.on('data', (part) => parts.push(part));
  req.on('end', () => then(Buffer.concat(parts)));
}

const server = http.createServer((req, res) => {
  switch (req.url) {
    case '/chunked':
      return whole(req, (body) => {
        res.setHeader('Trailer', 'X-Length');
        for (const byte of body) res.write(Buffer.of(byte));
        res.addTrailers({ 'X-Length': String(body.length) });
        res.end();
      });
    case '/close':
      return whole(req, (body) => {
        req.socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), body]));
      });
    case '/empty':
      return whole(req, () => res.writeHead(204).end());
    case '/early':
      res.writeHead(413, { Connection: 'close' });
      return res.end('too large');
    case '/hints':
      return whole(req, (body) => {
        res.writeEarlyHints({ link: '</a>; rel=preload' });
        res.writeHead(200, { 'Content-Length': body.length }).end(body);
      });
    case '/slow':
      return undefined;
    default:
      return whole(req, (body) => res.writeHead(200, { 'Content-Length': body.length }).end(body));
  }
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
