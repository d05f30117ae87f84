#pragma once

#include <string>
#include <vector>

#include "tests/lab/method_lab.h"

namespace lvs::test {

/// A cluster with a service at port 21 of the VIP and vsftpd on both real servers: anonymous, a
/// folder each with the files `name` (the host's), `big` (3 MB, different) and the folder `upload`.
/// Both take passive ports from one small range.
class FtpLab : public MethodLab {
 protected:
  void TearDown() override;

  /// Skips where a chroot may not be made, which vsftpd needs for anonymous clients.
  void run_ftp(const Shape& shape, const std::string& more_of_service = {});

  /// curl on the client with a URL of the VIP; what it prints.
  std::string ftp(const std::string& path, const std::string& options);
  /// The server that answers now: what its `name` says.
  std::string name_of_server(const std::string& options);
  /// Lists, downloads and uploads with these options of curl, and compares what arrived.
  void expect_transfers(const std::string& options);

  /// The path of a server's file.
  std::string stored(const std::string& server, const std::string& file);

 private:
  void start_server(const std::string& server, bool is_v6);

  std::string base_;  ///< "ftp://VIP"
  std::vector<std::string> pids_;
  int uploads_ = 0;
};

}  // namespace lvs::test
