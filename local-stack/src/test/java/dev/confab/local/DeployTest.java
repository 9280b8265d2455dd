package dev.confab.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./confab deploy}: which commands it runs, with stand-ins for the AWS CLI, SAM and Maven.
 */
class DeployTest {
  private static final Path SCRIPT = Path.of("../.ci/deploy");

  @TempDir Path commands;

  @BeforeEach
  void standIns() throws Exception {
    standIn(
        "aws",
        """
        case "$*" in
          *StackStatus*) [ -n "$STATUS" ] || { echo "Stack with id confab does not exist" >&2; exit 254; }; echo "$STATUS" ;;
          *ImageRegistry*) echo "$REGISTRY" ;;
          *get-caller-identity*) echo 111122223333 ;;
          *) echo any ;;
        esac
        """);
    standIn("sam", "");
    standIn("mvn", "");
  }

  private void standIn(String name, String script) throws IOException {
    Path file = Files.writeString(commands.resolve(name), "#!/usr/bin/env bash\n" + script);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  /** What SAM makes of it was tried with its own parser (1.170); unquoted, it cut the first two. */
  @Test
  void valuesReachSamWhole() throws Exception {
    assertThat(
            deploy(
                Map.of(),
                "--dry-run",
                "AllowedOrigins=https://a.example, https://b.example",
                "JwtAudience=it's \"mine\"",
                "AlarmTopicArn="))
        .contains("'AllowedOrigins=\"https://a.example, https://b.example\"'")
        .contains("'JwtAudience=\"it'\\''s \\\"mine\\\"\"'")
        .contains("'AlarmTopicArn=\"\"'");
    assertThat(deploy(Map.of(), "--dry-run", "JwtAudience=a\\b"))
        .isEqualTo("confab: JwtAudience may hold no backslash: sam would take it for its own\n");
  }

  @Test
  void whatTheTemplateDoesNotHave_isRefused() throws Exception {
    assertThat(deploy(Map.of(), "--dry-run", "Shards=4"))
        .isEqualTo("confab: template.yaml has no parameter Shards\n");
    assertThat(deploy(Map.of(), "--dry-run", "ImageTag=4"))
        .isEqualTo("confab: --tag sets ImageTag: it is the tag that is pushed\n");
  }

  @Test
  void imagesGoToTheRegistryThatTheStackPullsFrom() throws Exception {
    String own = "-Dimage.registry=111122223333.dkr.ecr.eu-central-1.amazonaws.com/confab ";
    Map<String, String> kept = Map.of("STATUS", "UPDATE_COMPLETE", "REGISTRY", "ghcr.io/someone");
    assertThat(deploy(Map.of("STATUS", "UPDATE_COMPLETE"))).contains(own).contains("aws ecr");
    assertThat(deploy(kept))
        .contains("-Dimage.registry=ghcr.io/someone ")
        .doesNotContain("aws ecr");
    assertThat(deploy(kept, "ImageRegistry=ghcr.io/else"))
        .contains("-Dimage.registry=ghcr.io/else ");
    assertThat(deploy(kept, "ImageRegistry=")).contains(own);
  }

  @Test
  void stackThatIsNoneYet_needsWhatANewOneNeeds() throws Exception {
    for (String status : new String[] {"", "REVIEW_IN_PROGRESS"}) {
      assertThat(deploy(Map.of("STATUS", status), "MinTasks=2"))
          .endsWith("confab: a new stack needs JwtIssuer=…; docs/deploy.md says which\n");
    }
    assertThat(deploy(Map.of("STATUS", "ROLLBACK_COMPLETE")))
        .contains("confab: the stack confab is ROLLBACK_COMPLETE: delete it first");
    assertThat(deploy(Map.of("STATUS", "UPDATE_COMPLETE"), "MinTasks=2"))
        .contains("sam deploy --stack-name confab --region eu-central-1 --parameter-overrides")
        .doesNotContain("VpcId");
  }

  private String deploy(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString(), "--tag", "t"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .putAll(Map.of("STATUS", "", "REGISTRY", "", "AWS_REGION", "eu-central-1"));
    builder.environment().putAll(environment);
    builder.environment().merge("PATH", commands + ":", (path, first) -> first + path);
    Process process = builder.start();
    process.getOutputStream().close();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
