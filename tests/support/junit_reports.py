"""JUnit reports as the usual runners write them (shortened, without times and places), and what each tells."""

from __future__ import annotations

from guardrails.operations.evidence.junit_reports import Results

JEST = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="jest tests" tests="5" failures="2" errors="1">
  <testsuite name="hooks" errors="0" failures="1" skipped="0" tests="1">
    <testcase classname="hooks in hooks" name="in hooks"><failure>Error: before</failure></testcase>
    <testcase classname="Test execution failure" name="afterAll"><failure>{"stack":"Error: after"}</failure></testcase>
  </testsuite>
  <testsuite name="undefined" errors="0" failures="1" skipped="1" tests="3">
    <testcase classname="a" name="ok"></testcase>
    <testcase classname="a" name="bad"><failure>Error: x</failure></testcase>
    <testcase classname="a" name="skipped"><skipped/></testcase>
    <testcase classname="a" name="todo"></testcase>
  </testsuite>
  <testsuite name="j/broken.test.js" errors="1" failures="0" skipped="0" tests="0">
    <testcase classname="Test suite failed to run" name="j/broken.test.js"><error>SyntaxError</error></testcase>
  </testsuite>
</testsuites>"""

JEST_WITH_NOTHING_BUT_TODO = """<testsuites name="jest tests" tests="0" failures="0" errors="0">
<testsuite name="undefined" errors="0" failures="0" skipped="0" tests="0">
<testcase classname="a" name="todo"></testcase>
</testsuite></testsuites>"""

VITEST = """<?xml version="1.0" encoding="UTF-8" ?>
<testsuites name="vitest tests" tests="7" failures="3" errors="0" time="0.02">
    <testsuite name="v/a.test.mjs" tests="5" failures="1" errors="0" skipped="2">
        <testcase classname="v/a.test.mjs" name="ok"></testcase>
        <testcase classname="v/a.test.mjs" name="bad"><failure message="x" type="Error">Error: x</failure></testcase>
        <testcase classname="v/a.test.mjs" name="skipped"><skipped/></testcase>
        <testcase classname="v/a.test.mjs" name="todo"><skipped/></testcase>
        <testcase classname="v/a.test.mjs" name="expected"></testcase>
    </testsuite>
    <testsuite name="v/before.test.mjs" tests="2" failures="1" errors="0" skipped="1">
        <testcase classname="v/before.test.mjs" name="before &gt; inside"><skipped/></testcase>
        <testcase classname="v/before.test.mjs" name="before"><failure message="before" type="Error"/></testcase>
    </testsuite>
</testsuites>"""

MOCHA = """<testsuite name="Mocha Tests" tests="5" failures="0" errors="2" skipped="0">
<testcase classname="m" name="ok" time="0"/>
<testcase classname="m" name="bad" time="0"><failure>x</failure></testcase>
<testcase classname="m" name="skipped" time="0"><skipped/></testcase>
<testcase classname="m" name="pending" time="0"><skipped/></testcase>
<testcase classname="before" name="&#x22;before all&#x22; hook" time="0"><failure>before</failure></testcase>
</testsuite>"""

NODE = """<?xml version="1.0" encoding="utf-8"?>
<testsuites>
  <testcase name="ok" time="0.000984" classname="test"/>
  <testcase name="skipped" classname="test"><skipped type="skipped" message="true"/></testcase>
  <testcase name="todo failing" classname="test" failure="z">
    <skipped type="todo" message="true"/><failure type="testCodeFailure" message="z">Error</failure>
  </testcase>
  <testsuite name="suite" disabled="0" errors="0" tests="2" failures="1" skipped="0" hostname="vm">
    <testcase name="inner" classname="test"/>
    <testcase name="inner bad" classname="test" failure="y"><failure type="testCodeFailure" message="y"/></testcase>
  </testsuite>
  <!-- tests 5 -->
</testsuites>"""

SUREFIRE = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="surefire.xsd"
    name="example.MemoryTest" tests="3" errors="1" skipped="1" failures="0">
  <properties><property name="java.version" value="21"/></properties>
  <testcase name="remembers" classname="example.MemoryTest"><flakyFailure message="once">x</flakyFailure></testcase>
  <testcase name="forgets" classname="example.MemoryTest"><error type="NullPointerException">x</error></testcase>
  <testcase name="later" classname="example.MemoryTest"><skipped/></testcase>
</testsuite>"""

NUNIT = """<testsuites tests="3" failures="0" disabled="1">
<testsuite tests="3" errors="0" failures="0" skipped="0" disabled="1" name="Memory">
<testcase name="A" assertions="1" status="Passed" classname="Memory"/>
<testcase name="B" assertions="0" status="Inconclusive" classname="Memory"/>
<testcase name="C" assertions="0" status="Skipped" classname="Memory"><skipped/></testcase>
</testsuite></testsuites>"""

PHPUNIT = """<testsuites><testsuite name="all" tests="2" assertions="2" errors="0" failures="1" skipped="0">
<testsuite name="MemoryTest" tests="2" assertions="2" errors="0" failures="1" skipped="0">
<testsuite name="MemoryTest::keeps" tests="2" assertions="2" errors="0" failures="1" skipped="0">
<testcase name="keeps with data set #0" class="MemoryTest" classname="MemoryTest"/>
<testcase name="keeps with data set #1" class="MemoryTest" classname="MemoryTest"><failure>y</failure></testcase>
</testsuite></testsuite></testsuite></testsuites>"""

GOOGLE_TEST = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="1" disabled="1" errors="0" name="AllTests">
  <testsuite name="Memory" tests="4" failures="1" disabled="1" skipped="1" errors="0">
    <testcase name="Keeps" file="m.cc" status="run" result="completed" classname="Memory"/>
    <testcase name="Breaks" status="run" result="completed" classname="Memory"><failure message="x" type=""/></testcase>
    <testcase name="DISABLED_Later" status="notrun" result="suppressed" classname="Memory"/>
    <testcase name="Skips" status="run" result="skipped" classname="Memory"><skipped message="x"/></testcase>
  </testsuite>
</testsuites>"""

CTEST = """<testsuite name="Linux-c++" tests="4" failures="1" disabled="1" skipped="1" hostname="" time="0">
<testcase name="keeps" classname="keeps" time="0" status="run"><system-out/></testcase>
<testcase name="breaks" classname="breaks" time="0" status="fail"><failure message=""/><system-out/></testcase>
<testcase name="off" classname="off" time="0" status="disabled"><system-out/></testcase>
<testcase name="absent" classname="absent" time="0" status="notrun"><skipped message="x"/><system-out/></testcase>
</testsuite>"""

REPORTS = {
    "jest-junit": (
        JEST,
        Results(
            3 + 1,
            (
                "hooks in hooks.in hooks",
                "Test execution failure.afterAll",
                "a.bad",
                "Test suite failed to run.j/broken.test.js",
            ),
        ),
    ),
    "jest-junit, only todo": (JEST_WITH_NOTHING_BUT_TODO, Results(0, ())),
    "vitest": (VITEST, Results(4, ("v/a.test.mjs.bad", "v/before.test.mjs.before"))),
    "mocha": (MOCHA, Results(3, ("m.bad", 'before."before all" hook'))),
    "node --test": (NODE, Results(3, ("test.inner bad",))),
    "surefire": (SUREFIRE, Results(2, ("example.MemoryTest.forgets",))),
    "nunit3-junit": (NUNIT, Results(1, ())),
    "phpunit": (PHPUNIT, Results(2, ("MemoryTest.keeps with data set #1",))),
    "Google Test": (GOOGLE_TEST, Results(2, ("Memory.Breaks",))),
    "ctest": (CTEST, Results(2, ("breaks.breaks",))),
}
