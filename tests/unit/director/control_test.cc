#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <boost/asio.hpp>

#include "director/io/control_client.h"
#include "director/io/control_server.h"

namespace lvs::director {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kDeadline{10000};

/// A server on its own thread, which answers "echo" at once, "later" when the test says so.
class ControlTest : public ::testing::Test {
 protected:
  ControlTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "lvskit-control-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    path_ = folder_ / "director.sock";
  }
  ~ControlTest() override {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  void serve(const ControlServer::Limits& limits = {}) {
    auto server = ControlServer::open(
        loop_, path_, "no-such-group",
        [this](const std::string& command, const Json&, const ControlServer::Reply& reply) {
          if (command == "later") {
            later_ = reply;
            return;
          }
          if (command == "release" && later_) later_(control_reply("later"));
          if (command == "long")
            return reply(control_reply("x").set("x", std::string(1 << 24, 'x')));
          reply(control_reply(command));
        },
        limits);
    ASSERT_TRUE(server) << server.error().what;
    server_ = *std::move(server);
    thread_ = std::thread([this] { loop_.run(); });
  }

  /// A bare connection, for what a proper client does not do.
  linux_net::UniqueFd raw() const {
    linux_net::UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(path_.native(), std::begin(address.sun_path));
    EXPECT_EQ(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
  static void put(int fd, std::string_view text) {
    EXPECT_EQ(send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  /// Everything until the server closes.
  static std::string read_to_end(int fd) {
    std::string all;
    std::array<char, 4096> chunk{};
    ssize_t count = 0;
    while ((count = recv(fd, chunk.data(), chunk.size(), 0)) > 0)
      all.append(chunk.data(), static_cast<std::size_t>(count));
    return all;
  }
  static std::string read_line(int fd) {
    std::string line;
    char c = 0;
    while (recv(fd, &c, 1, 0) == 1 && c != '\n') line += c;
    return line;
  }
  /// What the server says to one line.
  std::string answer_to(std::string_view line) const {
    const linux_net::UniqueFd fd = raw();
    put(fd.get(), line);
    put(fd.get(), "\n");
    return read_line(fd.get());
  }
  Result<Json> ask(const std::string& command) const {
    auto client = ControlClient::connect(path_);
    if (!client) return tl::unexpected(client.error());
    return client->ask(Json::object({{"command", command}}), kDeadline);
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
  boost::asio::io_context loop_;
  ControlServer::Reply later_;
  std::unique_ptr<ControlServer> server_;
  std::thread thread_;
};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_F(ControlTest, AnswersARequest) {
  serve();
  const auto reply = ask("echo");
  ASSERT_TRUE(reply) << reply.error().what;
  EXPECT_EQ(*reply->text_at("command"), "echo");
  EXPECT_EQ(*reply->int_at("schema"), 1);
}

TEST_F(ControlTest, AnswersSeveralRequestsOfOneClientInOrder) {
  serve();
  const linux_net::UniqueFd fd = raw();
  put(fd.get(), "{\"schema\":1,\"command\":\"a\"}\n{\"schema\":1,\"command\":\"b\"}\n{\"sch");
  EXPECT_TRUE(contains(read_line(fd.get()), "\"command\":\"a\""));
  EXPECT_TRUE(contains(read_line(fd.get()), "\"command\":\"b\""));
  put(fd.get(), "ema\":1,\"command\":\"c\"}\n");
  EXPECT_TRUE(contains(read_line(fd.get()), "\"command\":\"c\""));
}

TEST_F(ControlTest, IsOursAloneWhereTheGroupDoesNotExist) {
  serve();
  struct stat found {};
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(ControlTest, TakesThePlaceOfAStaleSocket) {
  { linux_net::UniqueFd fd(socket(AF_UNIX, SOCK_STREAM, 0)); }
  std::filesystem::create_symlink("/nowhere", path_);
  serve();
  EXPECT_TRUE(ask("echo"));
}

TEST_F(ControlTest, RefusesAHigherSchemaNamingBothNumbers) {
  serve();
  const std::string reply = answer_to(R"({"schema":7,"command":"list"})");
  EXPECT_TRUE(contains(reply, "schema 1") && contains(reply, "schema 7")) << reply;
}

TEST_F(ControlTest, SaysWhatIsWrongWithALine) {
  serve();
  EXPECT_TRUE(contains(answer_to("hello"), "not JSON"));
  EXPECT_TRUE(contains(answer_to(""), "not JSON"));
  EXPECT_TRUE(contains(answer_to("[1]"), "a request is a JSON object"));
  EXPECT_TRUE(contains(answer_to("{}"), "schema"));
  EXPECT_TRUE(contains(answer_to(R"({"schema":1})"), "command"));
  EXPECT_TRUE(contains(answer_to(R"({"schema":"1","command":"x"})"), "schema"));
  EXPECT_TRUE(contains(answer_to(R"({"schema":1,"command":5})"), "command"));
  EXPECT_TRUE(contains(answer_to(std::string(1000, '[')), "not JSON"));
  EXPECT_TRUE(contains(answer_to(std::string("\0\xff\xfe", 3)), "not JSON"));
  EXPECT_TRUE(ask("echo")) << "others are served on";
}

TEST_F(ControlTest, RefusesALineOverTheLimitAndCloses) {
  serve({.line_bytes = 1000});
  const linux_net::UniqueFd fd = raw();
  put(fd.get(), std::string(1001, 'x'));
  EXPECT_TRUE(contains(read_to_end(fd.get()), "at most 1000 bytes"));
}

TEST_F(ControlTest, TakesALineOfExactlyTheLimit) {
  serve({.line_bytes = 1000});
  std::string line = R"({"schema":1,"command":"echo"})";
  line.insert(line.size() - 1, 999 - line.size(), ' ');
  EXPECT_TRUE(contains(answer_to(line), "\"result\":\"ok\""));
}

TEST_F(ControlTest, TellsASlowClientAndClosesIt) {
  serve({.patience = milliseconds(50)});
  const linux_net::UniqueFd fd = raw();
  put(fd.get(), R"({"schema":1,)");
  EXPECT_TRUE(contains(read_to_end(fd.get()), "no whole line came in time"));
}

TEST_F(ControlTest, ASilentClientHoldsUpNobody) {
  serve();
  const linux_net::UniqueFd silent = raw();
  const linux_net::UniqueFd halfway = raw();
  put(halfway.get(), "{\"schema\"");
  EXPECT_TRUE(ask("echo"));
}

TEST_F(ControlTest, AClientThatDoesNotReadIsClosedAndHoldsUpNobody) {
  serve({.patience = milliseconds(50)});
  const linux_net::UniqueFd fd = raw();
  put(fd.get(), "{\"schema\":1,\"command\":\"long\"}\n");
  EXPECT_TRUE(ask("echo"));
  pollfd closed{fd.get(), 0, 0};
  ASSERT_EQ(poll(&closed, 1, static_cast<int>(kDeadline.count())), 1);
  EXPECT_NE(closed.revents & POLLHUP, 0);
  // The rest of the reply never comes: what the socket held is all there is.
  EXPECT_LT(read_to_end(fd.get()).size(), std::size_t{1} << 24);
}

TEST_F(ControlTest, RefusesOneClientTooMany) {
  serve({.clients = 2});
  const linux_net::UniqueFd first = raw();
  const linux_net::UniqueFd second = raw();
  put(second.get(), "{\"schema\":1,\"command\":\"a\"}\n");
  EXPECT_TRUE(contains(read_line(second.get()), "ok"));
  const linux_net::UniqueFd third = raw();
  EXPECT_TRUE(contains(read_to_end(third.get()), "too many clients"));
}

TEST_F(ControlTest, AReplyMayComeLaterAndAfterItsClientLeft) {
  serve();
  auto client = ControlClient::connect(path_);
  ASSERT_TRUE(client);
  {
    const linux_net::UniqueFd leaving = raw();
    put(leaving.get(), "{\"schema\":1,\"command\":\"later\"}\n");
    put(leaving.get(), "{\"schema\":1,\"command\":\"later\"}\n");
  }
  EXPECT_TRUE(ask("release"));
  EXPECT_TRUE(ask("echo"));
}

TEST_F(ControlTest, RefusesAPathThatIsTooLong) {
  const auto server = ControlServer::open(loop_, folder_ / std::string(120, 'x'), "none", {}, {});
  ASSERT_FALSE(server);
  EXPECT_TRUE(contains(server.error().what, "--socket"));
  EXPECT_FALSE(ControlClient::connect(folder_ / std::string(120, 'x')));
}

TEST_F(ControlTest, TheClientTellsThatNobodyListens) {
  const auto client = ControlClient::connect(path_);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().sys_errno, ENOENT);
}

TEST_F(ControlTest, TheClientPassesTheDirectorsWordsOn) {
  serve();
  auto client = ControlClient::connect(path_);
  ASSERT_TRUE(client);
  const auto reply = client->ask(Json::object({{"command", 5}}), kDeadline);
  ASSERT_FALSE(reply);
  EXPECT_TRUE(contains(reply.error().what, "command")) << reply.error().what;
}

TEST_F(ControlTest, RemovesItsFileAtTheEnd) {
  serve();
  loop_.stop();
  thread_.join();
  server_.reset();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace lvs::director
