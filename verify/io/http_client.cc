#include "verify/io/http_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include "net/wire/addr_text.h"

namespace lvs::verify {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kMostBodyBytes = std::size_t{1024} * 1024;

asio::ip::address to_asio(const IpAddr& addr) {
  if (addr.is_v4()) return asio::ip::address_v4{addr.v4().number()};
  return asio::ip::address_v6{addr.v6().octets()};
}

IpAddr from_asio(const asio::ip::address& addr) {
  if (addr.is_v4()) return Ipv4Addr{addr.to_v4().to_uint()};
  return Ipv6Addr{addr.to_v6().to_bytes()};
}

std::string reason(std::string_view step, const error_code& error) {
  if (error == beast::error::timeout) return std::string{step} + ": no answer before the deadline";
  return std::string{step} + ": " + error.message();
}

/// Opens and binds before connecting, so that our port is known even if nobody answers.
error_code open_socket(tcp::socket& socket, const HttpRequest& request, HttpAnswer& answer) {
  error_code error;
  const tcp::endpoint remote{to_asio(request.to), request.port.number};
  socket.open(remote.protocol(), error);
  if (!error && request.from) socket.bind({to_asio(*request.from), 0}, error);
  if (error || !request.from) return error;
  const tcp::endpoint local = socket.local_endpoint(error);
  if (!error) answer.local = {from_asio(local.address()), Port{local.port()}};
  return error;
}

void note_local_end(const tcp::socket& socket, HttpAnswer& answer) {
  error_code error;
  const tcp::endpoint local = socket.local_endpoint(error);
  if (!error) answer.local = {from_asio(local.address()), Port{local.port()}};
}

http::request<http::empty_body> make_request(const HttpRequest& request) {
  http::request<http::empty_body> message{http::verb::get, request.target, 11};
  const std::string host = to_string(request.to);
  message.set(http::field::host, request.to.is_v4() ? host : "[" + host + "]");
  message.set(http::field::user_agent, "lvs-verify");
  message.keep_alive(false);
  return message;
}

asio::awaitable<void> converse(const HttpRequest& request, HttpAnswer& answer) {
  beast::tcp_stream stream{co_await asio::this_coro::executor};
  error_code error = open_socket(stream.socket(), request, answer);
  if (error) {
    answer.failure = reason("bind", error);
    co_return;
  }
  stream.expires_after(request.deadline);
  const auto token = [&error] { return asio::redirect_error(asio::use_awaitable, error); };
  co_await stream.async_connect(tcp::endpoint{to_asio(request.to), request.port.number}, token());
  note_local_end(stream.socket(), answer);
  if (error) {
    answer.failure = reason("connect", error);
    co_return;
  }
  const auto message = make_request(request);
  co_await http::async_write(stream, message, token());
  if (error) {
    answer.failure = reason("send", error);
    co_return;
  }
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMostBodyBytes);
  co_await http::async_read(stream, buffer, parser, token());
  if (error) {
    answer.failure = reason("read", error);
    co_return;
  }
  const auto& page = parser.get();
  answer.status = page.result_int();
  answer.body = page.body();
  if (const auto at = page.find(request.wanted_header); at != page.end())
    answer.header = std::string{at->value()};
}

}  // namespace

HttpAnswer http_get(const HttpRequest& request) {
  HttpAnswer answer;
  try {
    asio::io_context context{1};
    asio::co_spawn(context, converse(request, answer), asio::detached);
    context.run();
  } catch (const std::exception& error) {
    answer.failure = error.what();
  }
  return answer;
}

}  // namespace lvs::verify
