#include "director/simulate/simulate.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "net/json/json.h"

namespace lvs::director::simulate {
namespace {

struct Said {
  bool all_played = false;
  std::string out;
};

Said said_to(const std::string& in, const ipvsadm::Names& names = {}) {
  std::istringstream lines(in);
  std::ostringstream out;
  const bool all_played = simulate_lines(lines, out, names);
  return {all_played, out.str()};
}

/// A record of one service with one server by `commands`, and these connections.
std::string record(const std::string& connections, const std::string& more = "") {
  return R"({"id":"x","commands":["ipvsadm -A -t 10.0.0.1:80 -s rr",)"
         R"("ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.2"],"connections":[)" +
         connections + "]" + more + "}\n";
}

std::string connection(const std::string& action, const std::string& dport = "80") {
  return R"({"proto":"tcp","src":"192.0.2.1","sport":5,"dst":"10.0.0.1","dport":)" + dport +
         R"(,"action":")" + action + "\"}";
}

TEST(Simulate, SaysWhereAPacketWent) {
  const Said said = said_to(record(connection("syn")));
  EXPECT_TRUE(said.all_played);
  EXPECT_EQ(said.out,
            R"({"id":"x","connections":[{"chosen":"10.0.0.2:80","state":"SYN_RECV","replies":[],)"
            R"("forwarded":["tcp 192.0.2.1:5 > 10.0.0.1:80 S"]}],"templates":[]})"
            "\n");
}

TEST(Simulate, AnswersForTheHostWhereNobodyListens) {
  const Said said = said_to(record(connection("syn", "81") + ',' + connection("pkt:R", "81")));
  EXPECT_NE(said.out.find(R"("replies":["tcp 10.0.0.1:81 > 192.0.2.1:5 RA"])"), std::string::npos);
  EXPECT_NE(said.out.find(R"({"chosen":null,"state":null,"replies":[],"forwarded":[]})"),
            std::string::npos);
}

TEST(Simulate, LetsTimePassOnlyWhenTold) {
  const std::string again = connection("pkt:A");
  const Said kept = said_to(record(connection("est") + R"(,{"action":"wait:890"},)" + again));
  EXPECT_NE(kept.out.find(R"("ESTABLISHED","replies":[],"forwarded":["tcp 192.0.2.1:5 > )"
                          R"(10.0.0.1:80 A"]}],"templates")"),
            std::string::npos);
  const Said expired = said_to(record(connection("est") + R"(,{"action":"wait:901"},)" + again));
  EXPECT_NE(expired.out.find(R"("replies":["tcp 10.0.0.1:80 > 192.0.2.1:5 R"])"),
            std::string::npos);
}

TEST(Simulate, ClosesAnEarlierEntryByItsNumber) {
  const Said said = said_to(record(connection("est") + R"(,{"action":"close:0"})"));
  EXPECT_NE(said.out.find(R"("state":"FIN_WAIT")"), std::string::npos);
}

TEST(Simulate, GoesOnAfterAnEventThatIpvsRefuses) {
  const Said said =
      said_to(record(connection("syn"),
                     R"(,"events":[{"before":0,"cmd":"ipvsadm -d -t 10.0.0.1:80 -r 10.0.0.9"}])"));
  EXPECT_TRUE(said.all_played);
  EXPECT_NE(said.out.find(R"("chosen":"10.0.0.2:80")"), std::string::npos);
  EXPECT_NE(said.out.find(R"("refused":["ipvsadm -d -t 10.0.0.1:80 -r 10.0.0.9: )"),
            std::string::npos);
}

TEST(Simulate, ListsTemplatesAsIpvsadmDoes) {
  const Said said =
      said_to(R"({"id":1,"commands":["ipvsadm -A -f 5 -p 300","ipvsadm -a -f 5 -r 10.0.0.2"],)"
              R"("connections":[)" +
              connection("syn") + "]}\n");
  EXPECT_NE(
      said.out.find("IP  04:59  NONE        192.0.2.1:0        0.0.0.5:0          10.0.0.2:0"),
      std::string::npos)
      << said.out;
}

TEST(Simulate, AnswersEachLineAndSaysWhatIsWrongWithIt) {
  const Said said = said_to("{\n\n" + record(connection("syn")) +
                            R"({"id":7,"commands":["ipvsadm -A -t nonsense"],"connections":[]})"
                            "\n" +
                            R"({"id":8,"commands":[],"connections":[{"action":"dance"}]})" + "\n");
  EXPECT_FALSE(said.all_played);
  std::istringstream lines(said.out);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_TRUE(line.starts_with(R"({"id":null,"error":)")) << line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_TRUE(line.starts_with(R"({"id":"x","connections":)")) << line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(line, R"({"id":7,"error":"ipvsadm -A -t nonsense: illegal virtual server )"
                  R"(address[:port] specified"})");
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_TRUE(line.starts_with(R"({"id":8,"error":"connections[0]: action \"dance\")")) << line;
  EXPECT_FALSE(std::getline(lines, line));
}

TEST(Simulate, KnowsSysctls) {
  EXPECT_TRUE(said_to(record(connection("pkt:A"), R"(,"sysctl":{"sloppy_tcp":1})")).all_played);
  EXPECT_FALSE(said_to(record("", R"(,"sysctl":{"slopy_tcp":1})")).all_played);
  EXPECT_NE(said_to(record(connection("pkt:A"), R"(,"sysctl":{"sloppy_tcp":1})"))
                .out.find(R"("chosen":"10.0.0.2:80")"),
            std::string::npos);
  EXPECT_NE(said_to(record(connection("pkt:A"))).out.find(R"("chosen":null)"), std::string::npos);
}

TEST(Simulate, ShowsWhoTakesManyClients) {
  const Said said = said_to(
      R"({"id":"h","commands":["ipvsadm -A -t 10.0.0.1:80 -s rr",)"
      R"("ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.2","ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.3"],)"
      R"("servers":[{"ip":"10.0.0.2","port":80},{"ip":"10.0.0.3","port":80}],"proto":"tcp",)"
      R"("tuples":[["192.0.2.1",1,"10.0.0.1",80],["192.0.2.1",2,"10.0.0.1",80],)"
      R"(["192.0.2.1",3,"10.0.0.1",81]]})"
      "\n");
  EXPECT_EQ(said.out, R"({"id":"h","chosen_server_index":[1,0,null]})"
                      "\n");
}

}  // namespace
}  // namespace lvs::director::simulate
