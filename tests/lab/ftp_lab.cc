#include "tests/lab/ftp_lab.h"

#include <fstream>

namespace lvs::test {
namespace {

const ServiceOfLab kFtp{.port = 21, .has_lab_programs = false};

std::string conf_of(const std::string& root, bool is_v6) {
  return std::string(is_v6 ? "listen=NO\nlisten_ipv6=YES\n" : "listen=YES\n") +
         "background=NO\nanonymous_enable=YES\nno_anon_password=YES\nwrite_enable=YES\n"
         "anon_upload_enable=YES\nanon_umask=022\nconnect_from_port_20=YES\n"
         "pasv_min_port=40000\npasv_max_port=40009\nsecure_chroot_dir=/run/vsftpd/empty\n"
         "isolate=NO\nisolate_network=NO\nseccomp_sandbox=NO\nanon_root=" +
         root + "\n";
}

}  // namespace

void FtpLab::TearDown() {
  for (const std::string& pid : pids_) try_sh("rs1", "kill " + pid);
  MethodLab::TearDown();
}

void FtpLab::run_ftp(const Shape& shape, const std::string& more_of_service) {
  ServiceOfLab service = kFtp;
  service.more = more_of_service;
  ASSERT_NO_FATAL_FAILURE(run(shape, {service}));
  if (IsSkipped()) return;
  if (try_sh("rs1", "chroot / true") != 0)
    GTEST_SKIP() << "needs the right to make a chroot (CAP_SYS_CHROOT), as vsftpd does";
  base_ = url_of(shape, "ftp");
  sh("client", "chmod 711 " + cluster().scratch().string());
  for (const char* const server : {"rs1", "rs2"}) start_server(server, shape.vip == Family::Ipv6);
}

std::string FtpLab::stored(const std::string& server, const std::string& file) {
  return cluster().scratch() / ("ftp-" + server) / file;
}

void FtpLab::start_server(const std::string& server, bool is_v6) {
  const std::string root = stored(server, "");
  const std::string conf = cluster().scratch() / ("vsftpd-" + server + ".conf");
  sh(server, "mkdir -p /run/vsftpd/empty " + root + "upload && chown ftp " + root +
                 "upload && echo " + server + " > " + root + "name && head -c 3000000 " +
                 "/dev/urandom > " + root + "big");
  std::ofstream(conf) << conf_of(root, is_v6);
  std::string pid =
      sh(server, "setsid vsftpd " + conf + " > " + conf + ".log 2>&1 < /dev/null & echo $!");
  pids_.push_back(pid.substr(0, pid.find('\n')));
  const std::string own = is_v6 ? "'ftp://[::1]/name'" : "ftp://127.0.0.1/name";
  EXPECT_EQ(sh(server, "for i in $(seq 100); do curl --globoff --silent --fail " + own +
                           " && break; kill -0 " + pids_.back() + " || break; sleep 0.1; done"),
            server + "\n")
      << sh(server, "cat " + conf + ".log");
}

std::string FtpLab::ftp(const std::string& path, const std::string& options) {
  return curl(base_ + "/" + path, options);
}

std::string FtpLab::name_of_server(const std::string& options) {
  const std::string name = ftp("name", options);
  return name.substr(0, name.find('\n'));
}

void FtpLab::expect_transfers(const std::string& options) {
  SCOPED_TRACE(options);
  EXPECT_EQ(ftp("", options + " --list-only"), "big\nname\nupload\n");

  const std::string got = cluster().scratch() / "got";
  // One control connection for both.
  ftp("big", options + " --output " + got + "-name --output " + got + "-big '" + base_ + "/name'");
  const std::string name = sh("client", "cat " + got + "-name");
  const std::string server = name.substr(0, name.find('\n'));
  ASSERT_TRUE(server == "rs1" || server == "rs2") << name;
  EXPECT_EQ(checksum("client", got + "-big"), checksum(server, stored(server, "big")));

  const std::string file = "up" + std::to_string(uploads_++);
  ftp("upload/" + file, options + " --upload-file " + got + "-big");
  EXPECT_EQ(checksum("client", stored("rs?", "upload/" + file)), checksum("client", got + "-big"));
}

}  // namespace lvs::test
