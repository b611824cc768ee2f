#!/usr/bin/env bash
# The end-to-end tests: builds what they run, then runs them in a network of their own. Needs a JDK, Maven, and what
# kube.sh and isolated.sh name at their heads; no root.
#
#   run.sh [MAVEN_OPTION...]     for example -Dit.test=OutageIT
#
# XDSLB_TEST_JDK  the JDK that the tests and all that they start run on (the one that builds)
set -euo pipefail
cd "$(dirname "$0")/.."

e2e/kube.sh install
e2e/clients/install.sh
mvn -B -ntp -q -DskipTests -pl eds-control-plane-app,sample-app,e2e -am package
# There is no registry where the tests run: this has Maven fetch all that it takes to run one, on one that runs anywhere.
mvn -B -ntp -q -Pe2e -pl e2e failsafe:integration-test -Dit.test=AnswersTest
rm -rf e2e/target/failsafe-reports e2e/target/logs
if [[ -n ${XDSLB_TEST_JDK:-} ]]; then
  export JAVA_HOME=$XDSLB_TEST_JDK PATH=$XDSLB_TEST_JDK/bin:$PATH
fi
exec e2e/isolated.sh mvn -B -o -Pe2e -pl e2e failsafe:integration-test failsafe:verify "$@"
