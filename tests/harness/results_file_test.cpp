// The results file: at any moment absent or valid.
#include "harness/results/results_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace waitbench {
namespace {

namespace fs = std::filesystem;

class ResultsFileTest : public testing::Test {
 protected:
  ResultsFileTest() {
    std::string name = fs::temp_directory_path() / "waitbench-test-XXXXXX";
    directory_ = mkdtemp(name.data());
    path_ = directory_ / "results.json";
  }
  ~ResultsFileTest() override { fs::remove_all(directory_); }

  static nlohmann::json entry() { return {{"name", std::string(100, 'x')}, {"status", "ok"}}; }
  nlohmann::json content() const { return nlohmann::json::parse(std::ifstream(path_)); }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
  }
  std::string complaint(const fs::path& path) const {
    try {
      ResultsFile(path, {});
      return "";
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
  }

  fs::path directory_;
  fs::path path_;
};

TEST_F(ResultsFileTest, IsNotThereBeforeTheFirstWrite) {
  const ResultsFile results(path_, {{"seed", 1}});
  EXPECT_EQ(files(), 0U);
}

TEST_F(ResultsFileTest, IsWholeAfterEachWriteAndAloneInItsDirectory) {
  ResultsFile results(path_, {{"seed", 1}});
  for (std::size_t written = 0; written < 4; ++written) {
    results.write();
    EXPECT_EQ(content()["schema_version"], results_schema_version);
    EXPECT_EQ(content()["context"]["seed"], 1);
    EXPECT_EQ(content()["benchmarks"].size(), written);
    EXPECT_EQ(files(), 1U);
    results.add(entry());
  }
}

TEST_F(ResultsFileTest, TakesALaterContext) {
  ResultsFile results(path_, {{"status", "interrupted"}});
  results.context()["status"] = "complete";
  results.write();
  EXPECT_EQ(content()["context"]["status"], "complete");
}

TEST_F(ResultsFileTest, LeavesAnEarlierFileAloneUntilItIsReplaced) {
  std::ofstream(path_) << "{\"of\": \"yesterday\"}";
  ResultsFile results(path_, {});
  EXPECT_EQ(content()["of"], "yesterday");
  results.write();
  EXPECT_FALSE(content().contains("of"));
}

TEST_F(ResultsFileTest, KeepsWhatWasWrittenWhenTheNextWriteFails) {
  ResultsFile results(path_, {});
  results.add(entry());
  results.write();
  for (int i = 0; i < 1000; ++i) results.add(entry());

  // The disk is full, as far as this process is concerned.
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit full{.rlim_cur = 64 << 10, .rlim_max = before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &full);
  EXPECT_THROW(results.write(), std::system_error);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);

  EXPECT_EQ(content()["benchmarks"].size(), 1U);
  EXPECT_EQ(files(), 1U) << "nothing half-written is left";
  results.write();
  EXPECT_EQ(content()["benchmarks"].size(), 1001U);
}

TEST_F(ResultsFileTest, ReadsVersion1AsThePresentOne) {
  std::ofstream(path_) << R"({"schema_version": 1, "context": {}, "benchmarks": [
    {"role": "native", "model": "native-callback-epoll", "name": "query/native-callback-epoll/tcp"},
    {"role": "native", "model": 7},
    {"role": "model", "model": "callback-epoll"}]})";
  const nlohmann::json expected = {{{"role", "handwritten"},
                                    {"model", "handwritten-callback-epoll"},
                                    {"name", "query/handwritten-callback-epoll/tcp"}},
                                   {{"role", "handwritten"}, {"model", 7}},
                                   {{"role", "model"}, {"model", "callback-epoll"}}};
  const nlohmann::json read = read_results(path_);
  EXPECT_EQ(read["benchmarks"], expected);
  EXPECT_EQ(read["schema_version"], results_schema_version);
}

TEST_F(ResultsFileTest, FollowsALinkAndKeepsTheModeOfWhatItReplaces) {
  const fs::path target = directory_ / "target.json";
  std::ofstream(target) << "{}";
  fs::permissions(target, fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("target.json", path_);
  ResultsFile(path_, {}).write();
  EXPECT_TRUE(fs::is_symlink(path_));
  EXPECT_EQ(fs::status(target).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(content()["schema_version"], results_schema_version);
  EXPECT_EQ(files(), 2U);
}

TEST_F(ResultsFileTest, ReplacesWordsThatAreNotUtf8) {
  ResultsFile(path_, {{"command", {"--out", "\xff.json"}}}).write();
  EXPECT_EQ(content()["context"]["command"][1], "\xef\xbf\xbd.json");
}

TEST_F(ResultsFileTest, CannotBeBegunWhereItsDirectoryIsGone) {
  const fs::path inner = directory_ / "inner";
  fs::create_directory(inner);
  const ResultsFile results(inner / "results.json", {});
  fs::remove(inner);
  EXPECT_THROW(results.begin(), std::invalid_argument);
}

TEST_F(ResultsFileTest, RefusesWhatCannotBeWrittenBeforeAnythingIsMeasured) {
  EXPECT_NE(complaint(directory_).find("not a regular file"), std::string::npos);
  EXPECT_NE(complaint("/dev/full").find("not a regular file"), std::string::npos);
  EXPECT_NE(complaint(directory_ / "missing" / "results.json").find("No such file or directory"),
            std::string::npos);
  EXPECT_NE(complaint("").find("not a regular file"), std::string::npos);
  EXPECT_NE(complaint(directory_ / "").find("not a regular file"), std::string::npos);
  EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace waitbench
