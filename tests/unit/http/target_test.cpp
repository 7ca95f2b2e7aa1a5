#include "http/target.hpp"

#include <gtest/gtest.h>

namespace banter::http {
namespace {

Target split(std::string_view text) {
  Target target;
  split_target(text, target);
  return target;
}

TEST(Target, SplitsAtTheFirstQuestionMark) {
  const auto target = split("/a?b=c?d");
  EXPECT_EQ(target.path, "/a");
  EXPECT_EQ(target.query, "b=c?d");
  EXPECT_EQ(split("/a").query, "");
  EXPECT_EQ(split("/a?").query, "");
  EXPECT_EQ(split("?a").path, "");
}

TEST(Target, DecodesThePathOnceAndOnlyOnce) {
  EXPECT_EQ(split("/%68ealthz").path, "/healthz");
  EXPECT_EQ(split("/%2568").path, "/%68");
  EXPECT_EQ(split("/a%00b").path, std::string("/a\0b", 4));
  EXPECT_EQ(split("/a+b").path, "/a+b");
  EXPECT_EQ(split("/%2f%3F").path, "//?");
  EXPECT_EQ(split("/%68?x").raw_path, "/%68");
}

TEST(Target, KeepsBadEscapes) {
  EXPECT_EQ(split("/%").path, "/%");
  EXPECT_EQ(split("/%4").path, "/%4");
  EXPECT_EQ(split("/%zz%41").path, "/%zzA");
}

TEST(Target, IsNotNormalised) { EXPECT_EQ(split("//a/../b/./c//").path, "//a/../b/./c//"); }

}  // namespace
}  // namespace banter::http
