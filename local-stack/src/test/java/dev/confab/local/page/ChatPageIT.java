package dev.confab.local.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.confab.local.LocalOptions;
import dev.confab.local.LocalStack;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * People chat on the page, in a real browser, on a whole local stack. What they saw is kept in
 * target/screenshots.
 */
class ChatPageIT {
  /** Lets a test cut a page off, and bring it back. */
  private static final String NETWORK =
      """
      window.sockets = [];
      window.isCutOff = false;
      window.WebSocket = class extends WebSocket {
        constructor(...address) {
          if (window.isCutOff) throw new Error('cut off');
          super(...address);
          window.sockets.push(this);
        }
      };
      window.cutOff = () => { isCutOff = true; sockets.forEach((one) => one.close()); };
      window.bringBack = () => { isCutOff = false; };
      """;

  /** More than a page of history. */
  private static final int MISSED = 60;

  /** The longest pause between two tries to connect is 30 s (maxPause of confab.js). */
  private static final Duration RECONNECT = Duration.ofSeconds(60);

  private static LocalStack stack;
  private static Browser browser;
  private static URI page;

  @BeforeAll
  static void start() throws Exception {
    Optional<Path> chromium = Browser.installed();
    assumeTrue(chromium.isPresent(), "no Chromium is installed: the page is not tested");
    stack = LocalStack.start(LocalOptions.anyPorts(Path.of("../template.yaml")), _ -> {});
    page = stack.pageUri();
    browser = Browser.start(chromium.get());
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
    if (stack != null) {
      stack.close();
    }
  }

  private static Browser.Tab comeIn(String name) {
    Browser.Tab tab = browser.open(page, NETWORK);
    tab.type("#name", name);
    tab.click("#welcome-form button");
    tab.see(".pill.up");
    return tab;
  }

  private static void create(Browser.Tab tab, String chatId, String title) {
    tab.click("#new-chat");
    tab.type("#create-id", chatId);
    tab.type("#create-title", title);
    tab.click("#create-form .primary");
    tab.until("document.querySelector('#chat-title').textContent === " + Browser.quoted(title));
    tab.see("#composer");
  }

  private static void join(Browser.Tab tab, String chatId) {
    tab.click("#new-chat");
    tab.type("#join-id", chatId);
    tab.click("#join-form .primary");
    tab.see("#composer");
  }

  private static void say(Browser.Tab tab, String text) {
    tab.type("#text", text);
    tab.click("#composer .primary");
  }

  private static List<String> messages(Browser.Tab tab) {
    return tab.texts("#messages .message:not(.pending):not(.refused) .text");
  }

  private static void awaitMessages(Browser.Tab tab, int count) {
    tab.until(
        "document.querySelectorAll('#messages .message:not(.pending) .text').length === " + count);
  }

  @Test
  void oneOfTwo_isCutOffAndComesBack_withoutAGap() {
    Browser.Tab ana = comeIn("ana");
    Browser.Tab bob = comeIn("bob");
    create(ana, "gap", "The gap");
    join(bob, "gap");
    say(ana, "hello");
    awaitMessages(bob, 1);
    say(bob, "hello yourself");
    awaitMessages(ana, 2);

    bob.evaluate("cutOff()");
    bob.see(".pill.down");
    List<String> expected = new ArrayList<>(List.of("hello", "hello yourself"));
    for (int i = 1; i <= MISSED; i++) {
      say(ana, "missed " + i);
      expected.add("missed " + i);
    }
    awaitMessages(ana, expected.size());
    say(bob, "written while cut off");
    bob.see("#messages .pending");
    assertThat(bob.texts("#messages .pending .text")).containsExactly("written while cut off");
    bob.keep("cut-off-bob");
    bob.evaluate("bringBack()");
    bob.see(".pill.up", RECONNECT);
    expected.add("written while cut off");
    awaitMessages(bob, expected.size());
    awaitMessages(ana, expected.size());

    bob.keep("back-bob");
    ana.keep("back-ana");
    assertThat(messages(bob)).isEqualTo(expected);
    assertThat(messages(ana)).isEqualTo(expected);
    assertThat(ana.complaints()).isEmpty();
    assertThat(bob.complaints()).isEmpty();
  }

  @Test
  void whoComesLate_goesBack_asFarAsThereIs() {
    Browser.Tab cat = comeIn("cat");
    create(cat, "long", "A long one");
    List<String> expected = new ArrayList<>();
    for (int i = 1; i <= MISSED; i++) {
      say(cat, "message " + i);
      expected.add("message " + i);
    }
    awaitMessages(cat, MISSED);

    Browser.Tab dan = comeIn("dan");
    join(dan, "long");
    awaitMessages(dan, 50);
    dan.click("#older");
    awaitMessages(dan, MISSED);
    dan.keep("older");

    assertThat(messages(dan)).isEqualTo(expected);
    assertThat(dan.evaluate("document.querySelector('#older').hidden").asBoolean()).isTrue();
    assertThat(dan.complaints()).isEmpty();
  }

  @Test
  void whatPeopleWrite_staysText() {
    Browser.Tab eve = comeIn("eve");
    create(eve, "markup", "<b>bold</b>");
    String markup =
        "<img src=x onerror=\"window.wasRun = true\"> & <script>window.wasRun = true</script>";
    say(eve, markup);
    awaitMessages(eve, 1);

    eve.keep("markup");
    assertThat(messages(eve)).containsExactly(markup);
    assertThat(eve.texts("#chat-title")).containsExactly("<b>bold</b>");
    assertThat(eve.evaluate("window.wasRun === undefined").asBoolean()).isTrue();
    assertThat(eve.evaluate("document.querySelectorAll('#messages img').length").asInt()).isZero();
    assertThat(eve.complaints()).isEmpty();
  }

  @Test
  void someoneWhoIsRemoved_isTold_andSeesNoMore() {
    Browser.Tab fay = comeIn("fay");
    Browser.Tab gus = comeIn("gus");
    create(fay, "removal", "Removal");
    join(gus, "removal");
    say(gus, "here I am");
    awaitMessages(fay, 1);
    awaitMessages(gus, 1);

    fay.click("#show-members");
    fay.click("#member-list li button[aria-label='Remove gus']");
    gus.until("document.querySelector('#chat-state').textContent.startsWith('You were removed')");
    say(fay, "nobody else hears this");
    awaitMessages(fay, 2);
    fay.keep("removal-owner");
    gus.keep("removal-removed");

    assertThat(messages(gus)).containsExactly("here I am");
    assertThat(gus.evaluate("document.querySelector('#text').disabled").asBoolean()).isTrue();
    assertThat(fay.complaints()).isEmpty();
    assertThat(gus.complaints()).isEmpty();
  }
}
